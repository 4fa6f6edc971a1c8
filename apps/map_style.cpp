#include "apps/map_style.h"

#include <charconv>
#include <cmath>

#include "apps/drawing/map.h"
#include "engine/error.h"
#include "weights/text.h"

namespace backlight {

void add_map_style(CLI::App& command, MapStyle& style) {
  CLI::Option* plus_minus = command.add_flag(
      "--signed", style.is_signed, "draw the largest of a pixel's numbers with its sign, blue to red");
  command
      .add_flag("--absolute", style.is_absolute,
                "draw its size alone, as heat: the saliency map of Simonyan et al.")
      ->excludes(plus_minus);
  command
      .add_option("--scale", style.scale,
                  "what is drawn strongest: each picture's own largest number, the largest of all (shared),\n"
                  "or a number, so that pictures of several commands can be compared")
      ->type_name("each|shared|NUMBER")
      ->capture_default_str();
  command
      .add_option("--percentile", style.percentile,
                  "a picture's values above this percentile are drawn as the strongest")
      ->check(between(0.0, 100.0))
      ->capture_default_str();
}

MapDrawing::MapDrawing(const MapStyle& style, const AttributionCommand& command, MapKind usual)
    : percentile_(style.percentile), kind_(usual), shape_(command.shape()) {
  if (style.is_signed || (kind_ == MapKind::colour && command.question().at != "image"))
    kind_ = MapKind::plus_minus;
  if (style.is_absolute) kind_ = MapKind::size;
  if (style.scale == "each") return;
  if (style.scale == "shared") {
    fixed_ = static_cast<float>(command.shared_scale(
        [&](const Attribution& a) { return static_cast<double>(scale_of(numbers(a), percentile_)); }));
    return;
  }
  float number = 0;
  const char* const end = style.scale.data() + style.scale.size();
  const auto parsed = std::from_chars(style.scale.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || !(number > 0) || !std::isfinite(number))
    throw UsageError("--scale " + printable(style.scale) + ": each, shared or a number above 0 is expected");
  fixed_ = number;
}

std::vector<float> MapDrawing::numbers(const Attribution& a) const {
  if (kind_ == MapKind::colour) return a.gradient;
  const auto channels = static_cast<std::size_t>(shape_.channels());
  return kind_ == MapKind::size ? saliency_map(a.gradient, channels)
                                : signed_saliency_map(a.gradient, channels);
}

DrawnMap MapDrawing::map(const Attribution& a) const {
  DrawnMap drawn{kind_, static_cast<int>(shape_.width()), static_cast<int>(shape_.height()), numbers(a), 0};
  drawn.scale = fixed_ ? *fixed_ : scale_of(drawn.numbers, percentile_);
  return drawn;
}

Image DrawnMap::picture() const {
  if (kind == MapKind::size) return heat_map(normalise(numbers, scale), width, height);
  return signed_picture(numbers, width, height, scale);
}

}  // namespace backlight
