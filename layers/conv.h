#pragma once

#include "kernels/conv.h"
#include "layers/ending.h"

namespace backlight {

/// Two-dimensional convolution, with the options of the frameworks. Padding may differ on each side ('same'
/// padding at stride 2 does).
struct ConvOptions {
  std::int64_t out_channels = 1;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_y = 1, stride_x = 1;
  std::int64_t pad_top = 0, pad_left = 0, pad_bottom = 0, pad_right = 0;
  std::int64_t dilation_y = 1, dilation_x = 1;
  std::int64_t groups = 1;
  bool bias = true;

  /// Square kernel, the same padding on all sides.
  static ConvOptions square(std::int64_t out_channels, std::int64_t kernel, std::int64_t stride,
                            std::int64_t padding, bool bias);
};

///   y[n,o,oy,ox] = b[o] + Σ_{c,ky,kx} w[o,c,ky,kx] · x[n, c, oy·s − p + ky·d, ox·s − p + kx·d]
/// Input N,C,H,W; parameters `weight` O,C/G,KH,KW and `bias` O. Output N,O,H',W', H' = ⌊(H + pads − d(KH−1) −
/// 1)/s⌋ + 1.
class Conv : public OpWithEnding {
 public:
  explicit Conv(const ConvOptions& options, const Ending& ending = {})
      : OpWithEnding(ending), options_(options) {}
  const ConvOptions& options() const { return options_; }

  std::string_view kind() const override { return "conv"; }
  std::string description() const override;
  Shape infer(std::span<const Shape> inputs) const override;
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override;
  BackwardReads backward_reads(bool parameters) const override { return {parameters, false}; }
  double flop(std::span<const Shape> inputs) const override;
  void forward(ForwardContext& context) const override;
  void backward(BackwardContext& context) const override;

 private:
  ConvSizes sizes(const Shape& input, const Shape& output) const;
  ConvOptions options_;
};

}  // namespace backlight
