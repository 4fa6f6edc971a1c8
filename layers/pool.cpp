#include "layers/pool.h"

#include "engine/context.h"
#include "layers/expect.h"

namespace backlight {
namespace {

Shape infer_pool(std::span<const Shape> inputs, const PoolOptions& o) {
  const Shape& x = expect_image(inputs);
  if (2 * o.padding > o.kernel) throw Error("pooling pads by at most half its kernel");
  const auto count = [&](std::int64_t size) {
    const std::int64_t windows = window_count(size, 2 * o.padding, o.kernel, o.stride, o.ceil);
    return o.ceil && (windows - 1) * o.stride >= size + o.padding ? windows - 1 : windows;
  };
  return {x.batch(), x.channels(), count(x.height()), count(x.width())};
}

std::string describe(const PoolOptions& o) {
  return std::to_string(o.kernel) + "x" + std::to_string(o.kernel) + ", stride " + std::to_string(o.stride) +
         (o.padding ? ", padding " + std::to_string(o.padding) : "") + (o.ceil ? ", ceil" : "");
}

PoolSizes sizes(const Shape& x, const Shape& y, const PoolOptions& o) {
  return {x.batch(), x.height(), x.width(), x.channels(), y.height(), y.width(), o.kernel,       o.kernel,
          o.stride,  o.stride,   o.padding, o.padding,    o.padding,  o.padding, o.count_padding};
}

PoolSizes adaptive_sizes(const Shape& x, const Shape& y) {
  const std::int64_t height = x.height() / y.height(), width = x.width() / y.width();
  return {x.batch(), x.height(), x.width(), x.channels(), y.height(), y.width(),
          height,    width,      height,    width,        0,          0,
          0,         0,          true};
}

}  // namespace

std::string MaxPool::description() const { return describe(options_); }
Shape MaxPool::infer(std::span<const Shape> inputs) const {
  if (options_.kernel > 16)
    throw Error("a window has at most 16x16 elements: its maximum is kept in one byte");
  return infer_pool(inputs, options_);
}
std::size_t MaxPool::saved_bytes(std::span<const Shape> inputs, Precision) const {
  return static_cast<std::size_t>(infer(inputs).elements());
}

// y = max x, winner = the first place where it is
void MaxPool::forward(ForwardContext& c) const {
  const PoolSizes s = sizes(c.input_shape(0), c.output_shape(), options_);
  if (c.replay())
    c.run<MaxPoolReplay>(s, c.input(0), c.saved(), c.output());
  else
    c.run<MaxPoolForward>(s, c.input(0), c.output(), c.saved());
}

// dx = Σ dy over the windows that this element won
void MaxPool::backward(BackwardContext& c) const {
  c.run<MaxPoolBackward>(sizes(c.input_shape(0), c.output_shape(), options_), c.output_gradient(), c.saved(),
                         c.input_gradient(0), c.write(0));
}

std::string AveragePool::description() const { return describe(options_); }
Shape AveragePool::infer(std::span<const Shape> inputs) const { return infer_pool(inputs, options_); }
void AveragePool::forward(ForwardContext& c) const {
  c.run<AveragePoolForward>(sizes(c.input_shape(0), c.output_shape(), options_), c.input(0), c.output());
}
void AveragePool::backward(BackwardContext& c) const {
  c.run<AveragePoolBackward>(sizes(c.input_shape(0), c.output_shape(), options_), c.output_gradient(),
                             c.input_gradient(0), c.write(0));
}

std::string AdaptiveAveragePool::description() const {
  return "to " + std::to_string(height_) + "x" + std::to_string(width_);
}
Shape AdaptiveAveragePool::infer(std::span<const Shape> inputs) const {
  const Shape& x = expect_image(inputs);
  if (height_ < 1 || width_ < 1) throw Error("the output's height and width are at least 1");
  if (x.height() % height_ || x.width() % width_)
    throw Error("height and width must be multiples of " + std::to_string(height_) + " and " +
                std::to_string(width_));
  return {x.batch(), x.channels(), height_, width_};
}
void AdaptiveAveragePool::forward(ForwardContext& c) const {
  c.run<AveragePoolForward>(adaptive_sizes(c.input_shape(0), c.output_shape()), c.input(0), c.output());
}
void AdaptiveAveragePool::backward(BackwardContext& c) const {
  c.run<AveragePoolBackward>(adaptive_sizes(c.input_shape(0), c.output_shape()), c.output_gradient(),
                             c.input_gradient(0), c.write(0));
}

}  // namespace backlight
