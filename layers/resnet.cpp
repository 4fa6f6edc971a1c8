// Residual networks: He et al. 2015, arXiv 1512.03385, table 1 (ImageNet) and §4.2 (CIFAR-10).
#include <map>

#include "layers/blocks.h"
#include "layers/network.h"

namespace backlight {
namespace {

std::string block_name(int layer, int block) {
  return "layer" + std::to_string(layer) + "." + std::to_string(block);
}

ValueId add_classifier(Builder& net, ValueId x, const std::string& name, std::int64_t classes) {
  return net.linear(name, net.flatten("flatten", net.average_pool("avgpool", x, 1, 1)), classes);
}

}  // namespace

ValueId add_resnet(Builder& net, ValueId x, std::string_view depth, std::int64_t classes) {
  struct Stages {
    bool bottleneck;
    std::array<int, 4> blocks;
  };
  static const std::map<std::string_view, Stages> table{{"18", {false, {2, 2, 2, 2}}},
                                                        {"34", {false, {3, 4, 6, 3}}},
                                                        {"50", {true, {3, 4, 6, 3}}},
                                                        {"101", {true, {3, 4, 23, 3}}},
                                                        {"152", {true, {3, 8, 36, 3}}}};
  const Stages& stages = table.at(depth);
  x = net.conv("conv1", x, ConvOptions::square(64, 7, 2, 3, false));
  x = net.relu("relu", net.batchnorm("bn1", x));
  x = net.max_pool("maxpool", x, {.kernel = 3, .stride = 2, .padding = 1});
  for (int stage = 0; stage < 4; ++stage)
    for (int block = 0; block < stages.blocks[static_cast<std::size_t>(stage)]; ++block) {
      const std::int64_t width = std::int64_t{64} << stage, stride = stage > 0 && block == 0 ? 2 : 1;
      const std::string name = block_name(stage + 1, block);
      x = stages.bottleneck ? bottleneck_block(net, name, x, width, stride)
                            : basic_block(net, name, x, width, stride, Projection::conv);
    }
  return add_classifier(net, x, "fc", classes);
}

ValueId add_cifar_resnet(Builder& net, ValueId x, std::string_view depth, std::int64_t classes) {
  const int blocks = (std::stoi(std::string(depth)) - 2) / 6;  // depth = 6n + 2
  x = net.conv("conv1", x, ConvOptions::square(16, 3, 1, 1, false));
  x = net.relu("relu", net.batchnorm("bn1", x));
  for (int stage = 0; stage < 3; ++stage)
    for (int block = 0; block < blocks; ++block)
      x = basic_block(net, block_name(stage + 1, block), x, std::int64_t{16} << stage,
                      stage > 0 && block == 0 ? 2 : 1, Projection::zero_pad);
  return add_classifier(net, x, "linear", classes);
}

}  // namespace backlight
