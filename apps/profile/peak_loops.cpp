// The fastest that a processor can multiply and add: nothing but independent chains in registers, compiled
// once for each instruction set (Highway's foreach_target).
#include "apps/profile/ceilings.h"
#include "kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "apps/profile/peak_loops.cpp"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace backlight::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Two units, each with a latency of four, are busy from 8 chains on; 12 fit into the 16 registers that the
// narrower instruction sets have.
constexpr int chains = 12;

float multiply_and_add(long steps) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  V sum[chains];
  const V factor = hn::Set(d, 0.5f), one = hn::Set(d, 1.0f);  // every chain tends to 2: no denormals
  for (int i = 0; i < chains; ++i) sum[i] = hn::Set(d, static_cast<float>(i));
  for (long step = 0; step < steps; ++step) {
#pragma GCC unroll 12
    for (int i = 0; i < chains; ++i) sum[i] = hn::MulAdd(sum[i], factor, one);
  }
  V all = sum[0];
  for (int i = 1; i < chains; ++i) all = hn::Add(all, sum[i]);
  return hn::GetLane(all);
}

double flop_per_step() { return 2.0 * chains * static_cast<double>(hn::Lanes(hn::ScalableTag<float>())); }

}  // namespace
}  // namespace backlight::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backlight {

std::vector<PeakLoop> peak_loops() {
  std::vector<PeakLoop> loops;
  const auto supported = hwy::SupportedTargets();
#define BACKLIGHT_PEAK(TARGET, NAMESPACE, name) \
  if (supported & TARGET) loops.push_back({name, &NAMESPACE::multiply_and_add, NAMESPACE::flop_per_step()});
#if HWY_TARGETS & HWY_AVX3
  BACKLIGHT_PEAK(HWY_AVX3, N_AVX3, "AVX-512")
#endif
#if HWY_TARGETS & HWY_AVX2
  BACKLIGHT_PEAK(HWY_AVX2, N_AVX2, "AVX2")
#endif
#if HWY_TARGETS & HWY_SSE4
  BACKLIGHT_PEAK(HWY_SSE4, N_SSE4, "SSE4")
#endif
#if HWY_TARGETS & HWY_NEON
  BACKLIGHT_PEAK(HWY_NEON, N_NEON, "NEON")
#endif
#undef BACKLIGHT_PEAK
  if (loops.empty())
    loops.push_back(
        {"baseline", &HWY_STATIC_DISPATCH(multiply_and_add), HWY_STATIC_DISPATCH(flop_per_step)()});
  return loops;
}

}  // namespace backlight
#endif
