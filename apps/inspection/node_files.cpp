#include "apps/inspection/node_files.h"

#include <algorithm>
#include <list>

#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/formatted.h"
#include "apps/inspection/node_report.h"

namespace backlight {
namespace {

constexpr std::size_t most_tiles = 64;
constexpr int tile_side = 64, tiles_across = 8;

Image tiles(std::span<const float> values, const Shape& shape, const std::vector<std::size_t>& channels,
            const std::string& title) {
  const auto pixels = static_cast<std::size_t>(shape.pixels());
  const float scale = scale_of(values);
  std::vector<std::vector<Image>> rows;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (i % tiles_across == 0) rows.emplace_back();
    const Image tile =
        signed_picture(values.subspan(channels[i] * pixels, pixels), static_cast<int>(shape.width()),
                       static_cast<int>(shape.height()), scale);
    rows.back().push_back(enlarge_to(tile, tile_side));
  }
  return label(montage(rows, 4), title + formatted(", -%.3g blue to %.3g red", static_cast<double>(scale),
                                                   static_cast<double>(scale)));
}

}  // namespace

Image node_tiles(const Walk& walk, const Node& node) {
  const Shape& shape = walk.graph().value(node.output).shape;
  const std::vector<float> values = walk.value(node.output), gradient = walk.gradient(node.output);
  const auto channels = static_cast<std::size_t>(shape.channels());
  const std::vector<std::size_t> chosen = strongest_channels(values, channels, most_tiles);
  std::string which = node.name + formatted(", channels 0 to %zu", channels - 1);
  if (chosen.size() < channels) {
    which = node.name + formatted(", the strongest %zu of %zu channels:", chosen.size(), channels);
    for (const std::size_t c : chosen) which += " " + std::to_string(c);
  }
  const Image above = tiles(values, shape, chosen, "values of " + which);
  if (gradient.empty()) return above;
  return montage({{above}, {tiles(gradient, shape, chosen, "gradient at " + node.name)}});
}

void write_nodes(const std::filesystem::path& path, const Walk& walk, const std::vector<const Node*>& nodes,
                 const std::map<std::string, Attribute>& attributes) {
  std::list<std::vector<float>> numbers;  // that do not move
  std::list<std::vector<std::uint8_t>> masks;
  std::vector<NamedTensor> tensors;
  for (const Node* node : nodes) {
    const Shape& all = walk.graph().value(node->output).shape;
    const Shape shape{all.channels(), all.height(), all.width()};
    const auto& value = numbers.emplace_back(walk.value(node->output));
    tensors.push_back({"values/" + node->name, shape, std::span(value)});
    const auto& gradient = numbers.emplace_back(walk.gradient(node->output));
    if (!gradient.empty()) tensors.push_back({"gradients/" + node->name, shape, std::span(gradient)});
    if (node->op->decisions() != Decisions::signs) continue;
    auto& mask = masks.emplace_back(value.size());
    std::ranges::transform(value, mask.begin(), [](float x) { return static_cast<std::uint8_t>(x > 0); });
    tensors.push_back({"masks/" + node->name, shape, std::span<const std::uint8_t>(mask)});
  }
  write_tensors_h5(path, tensors, attributes);
}

}  // namespace backlight
