#include "layers/blocks.h"

namespace backlight {
namespace {

ValueId shortcut(Builder& net, const std::string& name, ValueId x, std::int64_t channels, std::int64_t stride,
                 Projection projection) {
  if (stride == 1 && net.graph().value(x).shape.channels() == channels) return x;
  if (projection == Projection::zero_pad) return net.shortcut(name + ".shortcut", x, channels, stride);
  const ValueId y = net.conv(name + ".downsample.0", x, ConvOptions::square(channels, 1, stride, 0, false));
  return net.batchnorm(name + ".downsample.1", y);
}

ValueId conv_batchnorm(Builder& net, const std::string& name, const std::string& index, ValueId x,
                       std::int64_t channels, std::int64_t kernel, std::int64_t stride) {
  const ValueId y =
      net.conv(name + ".conv" + index, x, ConvOptions::square(channels, kernel, stride, kernel / 2, false));
  return net.batchnorm(name + ".bn" + index, y);
}

}  // namespace

ValueId basic_block(Builder& net, const std::string& name, ValueId x, std::int64_t width, std::int64_t stride,
                    Projection projection) {
  ValueId y = net.relu(name + ".relu1", conv_batchnorm(net, name, "1", x, width, 3, stride));
  y = conv_batchnorm(net, name, "2", y, width, 3, 1);
  return net.relu(name, net.add(name + ".add", y, shortcut(net, name, x, width, stride, projection)));
}

ValueId bottleneck_block(Builder& net, const std::string& name, ValueId x, std::int64_t width,
                         std::int64_t stride) {
  ValueId y = net.relu(name + ".relu1", conv_batchnorm(net, name, "1", x, width, 1, 1));
  y = net.relu(name + ".relu2", conv_batchnorm(net, name, "2", y, width, 3, stride));
  y = conv_batchnorm(net, name, "3", y, 4 * width, 1, 1);
  return net.relu(name,
                  net.add(name + ".add", y, shortcut(net, name, x, 4 * width, stride, Projection::conv)));
}

}  // namespace backlight
