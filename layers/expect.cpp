#include "layers/expect.h"

namespace backlight {

void expect_inputs(std::span<const Shape> inputs, std::size_t count) {
  if (inputs.size() != count)
    throw Error("takes " + std::to_string(count) + " inputs, was given " + std::to_string(inputs.size()));
}

const Shape& expect_image(std::span<const Shape> inputs) {
  expect_inputs(inputs, 1);
  if (inputs[0].rank() != 4) throw Error("takes N,C,H,W");
  return inputs[0];
}

const Shape& expect_rows(std::span<const Shape> inputs) {
  expect_inputs(inputs, 1);
  if (inputs[0].rank() != 2) throw Error("takes N,C: put a flatten before it");
  return inputs[0];
}

std::int64_t window_count(std::int64_t size, std::int64_t padding, std::int64_t extent, std::int64_t stride,
                          bool ceil) {
  if (extent < 1 || stride < 1 || padding < 0)
    throw Error("kernel, stride and dilation are at least 1, padding at least 0");
  const std::int64_t room = size + padding - extent;
  if (room < 0)
    throw Error("a window of " + std::to_string(extent) + " does not fit into " + std::to_string(size) +
                " with padding " + std::to_string(padding));
  return (ceil ? (room + stride - 1) / stride : room / stride) + 1;
}

}  // namespace backlight
