#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace backlight {

/// The instruction sets that the processor's kernels are compiled for and that this machine has, the best
/// first: "amx" (AVX-512 and tile registers), "avx512", "avx2", "sse4"; "neon"; and always "portable", in the
/// language alone.
std::vector<std::string> instruction_sets();
/// The one in use: the best, or what was asked for.
std::string instruction_set();
/// Why one that the processor claims to have is not among them; else empty.
std::string instruction_set_note();
/// Uses this one from now on. It must come before any session is made: what has been bound was cut for
/// another. False, and nothing done, where the machine has none of that name.
bool use_instruction_set(std::string_view name);

}  // namespace backlight
