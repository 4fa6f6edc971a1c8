#pragma once

#include <cstdint>
#include <span>

#include "engine/error.h"
#include "engine/shape.h"

namespace backlight {

/// The only input, which must be N,C,H,W. Throws Error otherwise.
const Shape& expect_image(std::span<const Shape> inputs);
/// The only input, which must be N,C. Throws Error otherwise.
const Shape& expect_rows(std::span<const Shape> inputs);
/// Throws Error where there are not exactly `count`.
void expect_inputs(std::span<const Shape> inputs, std::size_t count);

/// How many windows of `extent` fit into `size` + `padding` at a stride: ⌊(size + padding − extent)/stride⌋ +
/// 1, or ⌈…⌉. Throws Error where none does.
std::int64_t window_count(std::int64_t size, std::int64_t padding, std::int64_t extent, std::int64_t stride,
                          bool ceil);

}  // namespace backlight
