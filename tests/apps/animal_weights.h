#pragma once

#include "layers/initialize.h"
#include "layers/network.h"
#include "weights/weight_file.h"

namespace backlight::test {

/// A weight file of the custom CNN, not trained, for small pictures of Menagerie's animals, whose classes are
/// not in Menagerie's order.
inline void write_animal_weights(const std::filesystem::path& path, std::uint64_t seed = 1,
                                 std::int64_t resize = 0) {
  ModelInfo info;
  info.architecture = "custom_cnn";
  info.classes = {"rabbit", "cat", "goldfish", "dog", "bear", "monkey"};
  info.input_size = 32;
  info.resize = resize;
  info.mean = {0.5, 0.5, 0.5};
  info.std = {0.25, 0.25, 0.25};
  info.source = "a test";
  const Graph graph = build_network(info.architecture, {.input_size = info.input_size, .classes = 6});
  write_weights(path, info, graph, initialize(graph, seed));
}

}  // namespace backlight::test
