#pragma once

#include <string>

#include "layers/builder.h"

namespace backlight {

/// How a residual block gets past a change of shape (He et al. 2015, §3.3).
enum class Projection {
  conv,     // option B: a strided 1×1 convolution with batchnorm, `downsample.0` and `downsample.1`
  zero_pad  // option A: every stride-th pixel, zero channels: `shortcut`
};

/// relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x)), two 3×3 convolutions of `width` channels. The value
/// `name` is the block's output.
ValueId basic_block(Builder& net, const std::string& name, ValueId x, std::int64_t width, std::int64_t stride,
                    Projection projection);

/// 1×1 to `width`, 3×3 (which carries the stride, as in torchvision), 1×1 to 4·`width`, each with batchnorm;
/// then as above.
ValueId bottleneck_block(Builder& net, const std::string& name, ValueId x, std::int64_t width,
                         std::int64_t stride);

}  // namespace backlight
