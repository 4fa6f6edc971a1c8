// VGG: Simonyan & Zisserman 2014, arXiv 1409.1556, table 1: configurations A, B, D and E, with or without
// batchnorm.
#include <map>

#include "layers/network.h"

namespace backlight {

ValueId add_vgg(Builder& net, ValueId x, std::string_view depth, bool batchnorm, std::int64_t classes) {
  // Convolutions (3×3, padding 1) per stage; a 2×2 max pool ends each stage.
  static const std::map<std::string_view, std::array<int, 5>> table{
      {"11", {1, 1, 2, 2, 2}}, {"13", {2, 2, 2, 2, 2}}, {"16", {2, 2, 3, 3, 3}}, {"19", {2, 2, 4, 4, 4}}};
  const std::array<int, 5>& convs = table.at(depth);
  constexpr std::array<std::int64_t, 5> widths{64, 128, 256, 512, 512};
  int index = 0;
  const auto feature = [&] { return "features." + std::to_string(index++); };
  for (std::size_t stage = 0; stage < convs.size(); ++stage) {
    for (int i = 0; i < convs[stage]; ++i) {
      x = net.conv(feature(), x, ConvOptions::square(widths[stage], 3, 1, 1, true));
      if (batchnorm) x = net.batchnorm(feature(), x);
      x = net.relu(feature(), x);
    }
    x = net.max_pool(feature(), x, {.kernel = 2, .stride = 2});
  }
  x = net.flatten("flatten", net.average_pool("avgpool", x, 7, 7));
  x = net.dropout("classifier.2", net.relu("classifier.1", net.linear("classifier.0", x, 4096)));
  x = net.dropout("classifier.5", net.relu("classifier.4", net.linear("classifier.3", x, 4096)));
  return net.linear("classifier.6", x, classes);
}

}  // namespace backlight
