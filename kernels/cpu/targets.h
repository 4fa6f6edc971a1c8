// For files that are compiled once for each instruction set (Highway's foreach_target): which there are. To
// be included before Highway is. On x86: AVX-512, AVX2, SSE4 and, for any other processor, vectors that are
// plain loops. AVX3_DL and what comes after it, and SSSE3, have nothing that is used here; vectors of a
// length that the compiler does not know cannot lie in arrays.
#define HWY_DISABLED_TARGETS \
  (HWY_AVX3_DL | HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
