#pragma once

#include <cstddef>
#include <functional>

namespace backlight {

/// body(index) for every index below `count`, on `threads` threads, in no particular order: for work outside
/// the kernels, such as reading pictures. Where bodies throw, the rest is left and the exception of the
/// lowest index that threw is thrown again.
void for_each_in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& body);

}  // namespace backlight
