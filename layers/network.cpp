#include "layers/network.h"

#include <algorithm>

#include "engine/error.h"
#include "layers/normalize.h"
#include "layers/softmax.h"

namespace backlight {

std::vector<std::string> architectures() {
  std::vector<std::string> names;
  for (const char* depth : {"18", "34", "50", "101", "152"}) names.push_back(std::string("resnet") + depth);
  for (const char* depth : {"11", "13", "16", "19"})
    for (const char* suffix : {"", "_bn"}) names.push_back(std::string("vgg") + depth + suffix);
  for (const char* depth : {"20", "32", "44", "56"}) names.push_back(std::string("cifar_resnet") + depth);
  names.push_back("custom_cnn");
  return names;
}

Graph build_network(std::string_view architecture, const NetworkOptions& options) {
  const std::vector<std::string> known = architectures();
  if (std::find(known.begin(), known.end(), architecture) == known.end()) {
    std::string text = "architecture '" + std::string(architecture) + "' is unknown; there are";
    for (const std::string& name : known) text += " " + name;
    throw UsageError(text);
  }
  Graph graph;
  Builder net(graph, options.batchnorm);
  const Shape shape{options.batch, 3, options.input_size, options.input_size};
  ValueId x;
  if (options.normalization)
    x = graph.add("normalize",
                  std::make_shared<Normalize>(options.normalization->mean, options.normalization->std),
                  {graph.input("image", shape)}, "input");
  else
    x = graph.input("input", shape);

  const auto after = [&](std::string_view prefix) { return architecture.substr(prefix.size()); };
  if (architecture.starts_with("resnet"))
    add_resnet(net, x, after("resnet"), options.classes);
  else if (architecture.starts_with("cifar_resnet"))
    add_cifar_resnet(net, x, after("cifar_resnet"), options.classes);
  else if (architecture == "custom_cnn")
    add_custom_cnn(net, x, options.classes);
  else
    add_vgg(net, x, after("vgg").substr(0, 2), architecture.ends_with("_bn"), options.classes);
  return graph;
}

ValueId add_loss(Graph& graph) {
  const ValueId logits = graph.output();
  const ValueId target = graph.input("target", graph.value(logits).shape);
  return graph.add("loss", std::make_shared<SoftCrossEntropy>(), {logits, target});
}

}  // namespace backlight
