#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/graph.h"
#include "layers/builder.h"

namespace backlight {

/// Mean and standard deviation per channel, in units of 0 … 1.
struct Normalization {
  std::array<double, 3> mean{0.485, 0.456, 0.406}, std{0.229, 0.224, 0.225};
};

struct NetworkOptions {
  std::int64_t batch = 1;
  std::int64_t input_size = 224;  // height and width
  std::int64_t classes = 1000;
  /// With it, the graph's input is `image`, N,3,H,W in grey levels 0 … 255, and its first node makes `input`
  /// of it. Without, the graph's input is `input`, already normalised.
  std::optional<Normalization> normalization = Normalization{};
  BatchNorm::Mode batchnorm = BatchNorm::Mode::inference;
};

/// The names that build_network knows: resnet18 … resnet152, vgg11 … vgg19 and their _bn, cifar_resnet20 …
/// cifar_resnet56, and custom_cnn, which is Backlight's own.
std::vector<std::string> architectures();

/// A whole network. Nodes and parameters are called as in torchvision (CIFAR ResNets: as in akamaster's
/// pytorch_resnet_cifar10); the graph's output is the logits, N,classes. Throws UsageError for an unknown
/// architecture, Error where the input size does not fit it.
Graph build_network(std::string_view architecture, const NetworkOptions& options);

/// Makes a network ready to be trained: adds the input `target`, N,classes, whose rows are the shares of the
/// classes, and `loss`, N, the cross-entropy of each picture. Returns the loss.
ValueId add_loss(Graph& graph);

// The families, each from `input` on.
ValueId add_resnet(Builder& net, ValueId input, std::string_view depth, std::int64_t classes);
ValueId add_vgg(Builder& net, ValueId input, std::string_view depth, bool batchnorm, std::int64_t classes);
ValueId add_cifar_resnet(Builder& net, ValueId input, std::string_view depth, std::int64_t classes);
ValueId add_custom_cnn(Builder& net, ValueId input, std::int64_t classes);

}  // namespace backlight
