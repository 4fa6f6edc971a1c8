#pragma once

#include <CLI/CLI.hpp>
#include <optional>

#include "apps/attribution_command.h"
#include "apps/image/image.h"

namespace backlight {

/// How the maps of gradients are drawn: alike for every rule, so that two pictures differ only in what the
/// rules do.
struct MapStyle {
  bool is_signed = false, is_absolute = false;  // neither: the command's own
  std::string scale = "each";                   // of each picture, of all (shared), or a number
  double percentile = 99.5;                     // the values above it are drawn as the strongest
};

/// colour: a picture's three channels around mid grey; the others: of all channels the largest in size, with
/// its sign (from blue for negative over white to red) or without (from black over red to yellow).
enum class MapKind { colour, plus_minus, size };

/// Adds --signed, --absolute, --scale and --percentile.
void add_map_style(CLI::App& command, MapStyle& style);

/// The numbers of a gradient that are drawn, and how.
struct DrawnMap {
  MapKind kind;
  int width, height;
  std::vector<float> numbers;  // height,width; for colour 3,height,width
  float scale;                 // what is drawn strongest

  Image picture() const;
};

/// Draws the gradients of one command.
class MapDrawing {
 public:
  /// `usual`: where the style does not say; at inner nodes never colour. For a shared scale it looks at all
  /// photographs first. Throws UsageError where the scale is none.
  MapDrawing(const MapStyle& style, const AttributionCommand& command, MapKind usual);

  DrawnMap map(const Attribution& attribution) const;

 private:
  std::vector<float> numbers(const Attribution& attribution) const;

  double percentile_;
  MapKind kind_;
  Shape shape_;
  std::optional<float> fixed_;
};

}  // namespace backlight
