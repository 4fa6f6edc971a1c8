#pragma once

#include "engine/op.h"
#include "kernels/shortcut.h"

namespace backlight {

///   y[n,o,i,j] = x[n, o − (O−C)/2, i·stride, j·stride], 0 where that channel does not exist
/// The parameter-free shortcut "option A" of the CIFAR ResNets (He et al. 2015, §4.2): it takes every
/// `stride`-th pixel and pads with zero channels, half of them before. Input N,C,H,W; output
/// N,O,⌈H/stride⌉,⌈W/stride⌉.
class Shortcut : public Op {
 public:
  Shortcut(std::int64_t out_channels, std::int64_t stride) : out_channels_(out_channels), stride_(stride) {}
  std::string_view kind() const override { return "shortcut"; }
  Shape infer(std::span<const Shape> inputs) const override;
  double flop(std::span<const Shape>) const override { return 0; }
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  ShortcutSizes sizes(const Shape& input, const Shape& output) const;
  std::int64_t out_channels_, stride_;
};

}  // namespace backlight
