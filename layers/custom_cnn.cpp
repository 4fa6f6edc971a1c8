// The network that Backlight trains itself: six 3×3 convolutions with batchnorm and ReLU, a max pool after
// each of the first four, global average pooling (Lin et al. 2013, arXiv 1312.4400) and one linear layer.
// Every convolution has stride 1: a strided one would leave a checkerboard in its image gradient.
#include "layers/network.h"

namespace backlight {

ValueId add_custom_cnn(Builder& net, ValueId x, std::int64_t classes) {
  constexpr std::array<std::int64_t, 6> widths{16, 24, 48, 96, 128, 128};
  constexpr int pools = 4;
  for (int i = 0; i < std::ssize(widths); ++i) {
    const std::string number = std::to_string(i + 1);
    x = net.conv("conv" + number, x,
                 ConvOptions::square(widths[static_cast<std::size_t>(i)], 3, 1, 1, false));
    x = net.relu("relu" + number, net.batchnorm("bn" + number, x));
    if (i < pools) x = net.max_pool("pool" + number, x, {.kernel = 2, .stride = 2});
  }
  return net.linear("fc", net.flatten("flatten", net.average_pool("avgpool", x, 1, 1)), classes);
}

}  // namespace backlight
