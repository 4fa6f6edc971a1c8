#pragma once

// Random small networks: any node may read any value made before it, so values are joined, read often, read
// twice by one node, or not at all.

#include "layers/add.h"
#include "layers/dropout.h"
#include "layers/relu.h"
#include "layers/softmax.h"
#include "tests/engine/networks.h"

namespace backlight::testing {

/// What is asked of the network: a target and wanted values, which may not lead to it.
struct Request {
  Graph graph;
  ValueId target;
  std::vector<ValueId> wanted;
  std::vector<std::string> keep;
  bool parameters;
};

inline Request random_request(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t count) { return static_cast<ValueId>(random() % count); };
  Request r;
  for (int i = 0; i < 1 + static_cast<int>(random() % 2); ++i)
    r.graph.input("input" + std::to_string(i), {2, 4, 3, 5});
  const int nodes = 1 + static_cast<int>(random() % 14);
  ValueId last = 0;
  for (int i = 0; i < nodes; ++i) {
    const std::string name = "node" + std::to_string(i);
    // Mostly the value just made, as in a network.
    const auto any = [&] { return random() % 3 ? last : below(r.graph.values().size()); };
    switch (random() % 8) {
      case 0:
      case 1:
        last = r.graph.add(name, std::make_shared<AddOp>(), {any(), any()});
        break;
      case 2:
      case 3:
        last = r.graph.add(name, std::make_shared<Relu>(), {any()});
        break;
      case 4:
        last = r.graph.add(name, std::make_shared<Conv>(ConvOptions::square(4, 3, 1, 1, true)), {any()});
        break;
      case 5:
        last = r.graph.add(name,
                           std::make_shared<BatchNorm>(random() % 2 ? BatchNorm::Mode::inference
                                                                    : BatchNorm::Mode::training),
                           {any()});
        break;
      case 6:
        last = r.graph.add(
            name, std::make_shared<MaxPool>(PoolOptions{.kernel = 3, .stride = 1, .padding = 1}), {any()});
        break;
      default:
        last = r.graph.add(name, std::make_shared<Dropout>(), {any()});
    }
  }
  const std::size_t values = r.graph.values().size();
  r.target = random() % 4 ? last : below(values);
  for (int i = static_cast<int>(random() % 3); i >= 0; --i)
    r.wanted.push_back(random() % 2 ? 0 : below(values));
  for (int i = static_cast<int>(random() % 3); i > 0; --i)
    r.keep.push_back(r.graph.value(below(values)).name);
  r.parameters = random() % 2;
  return r;
}

}  // namespace backlight::testing
