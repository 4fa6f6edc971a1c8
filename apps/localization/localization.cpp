#include "apps/localization/localization.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "apps/drawing/map.h"
#include "apps/localization/colour_model.h"
#include "apps/localization/components.h"
#include "apps/localization/graph_cut.h"
#include "engine/error.h"

namespace backlight {
namespace {

std::vector<Colour> colours_of(const Image& image) {
  std::vector<Colour> colours(image.pixels.size() / 3);
  for (std::size_t p = 0; p < colours.size(); ++p)
    std::copy_n(image.pixels.begin() + static_cast<std::ptrdiff_t>(3 * p), 3, colours[p].begin());
  return colours;
}

double squared_distance(const Colour& a, const Colour& b) {
  double sum = 0;
  for (std::size_t c = 0; c < 3; ++c) sum += (a[c] - b[c]) * (a[c] - b[c]);
  return sum;
}

/// Every pair of neighbours once, with GrabCut's price of different labels.
std::vector<Link> contrast_links(std::span<const Colour> colours, int width, int height, double smoothness) {
  std::vector<Link> links;
  double sum = 0;
  const auto contrast = [&](const Link& link) {
    return squared_distance(colours[static_cast<std::size_t>(link.a)],
                            colours[static_cast<std::size_t>(link.b)]);
  };
  const auto add = [&](int x, int y, int dx, int dy) {
    const int u = x + dx, v = y + dy;
    if (u < 0 || u >= width || v >= height) return;
    links.push_back({y * width + x, v * width + u, smoothness / (dx && dy ? std::numbers::sqrt2 : 1)});
    sum += contrast(links.back());
  };
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) add(x, y, 1, 0), add(x, y, -1, 1), add(x, y, 0, 1), add(x, y, 1, 1);
  const double beta = sum > 0 ? static_cast<double>(links.size()) / (2 * sum) : 0;
  for (Link& link : links) link.weight *= std::exp(-beta * contrast(link));
  return links;
}

/// −log p of every colour, by a model of the colours of some seeds.
std::vector<double> colour_cost(std::span<const Colour> colours, std::span<const Seed> seeds, Seed taught_by,
                                const LocalizationOptions& options) {
  std::vector<Colour> samples;
  for (std::size_t p = 0; p < colours.size(); ++p)
    if (seeds[p] == taught_by) samples.push_back(colours[p]);
  const ColourModel model(samples, options.components, options.variance_floor);
  std::vector<double> cost(colours.size());
  std::ranges::transform(colours, cost.begin(), [&](const Colour& z) { return -model.log_density(z); });
  return cost;
}

}  // namespace

std::vector<Seed> saliency_seeds(std::span<const float> saliency, const LocalizationOptions& options) {
  const float least = percentile(saliency, 0), most = percentile(saliency, 100);
  const float low = percentile(saliency, options.background_percent),
              high = percentile(saliency, options.foreground_percent);
  std::vector<Seed> seeds(saliency.size(), Seed::none);
  if (least < most)
    std::ranges::transform(saliency, seeds.begin(), [&](float s) {
      if (!std::isfinite(s)) return Seed::none;
      if (s > high || s == most) return Seed::foreground;
      return s < low || s == least ? Seed::background : Seed::none;
    });
  return seeds;
}

Localization localize(const Image& image, std::span<const float> saliency,
                      const LocalizationOptions& options) {
  const std::vector<Colour> colours = colours_of(image);
  if (saliency.size() != colours.size())
    throw Error("an image of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                " pixels takes a saliency map of " + std::to_string(colours.size()) + " values, not " +
                std::to_string(saliency.size()));
  const std::vector<Seed> seeds = saliency_seeds(saliency, options);
  if (std::ranges::count(seeds, Seed::foreground)) {
    std::vector<std::uint8_t> mask =
        largest_component(minimum_cut(colour_cost(colours, seeds, Seed::foreground, options),
                                      colour_cost(colours, seeds, Seed::background, options),
                                      contrast_links(colours, image.width, image.height, options.smoothness)),
                          image.width);
    if (const std::optional<Box> box = bounding_box(mask, image.width)) return {std::move(mask), *box};
  }
  return {std::vector<std::uint8_t>(colours.size(), 255), {0, 0, image.width, image.height}};
}

double intersection_over_union(const Box& a, const Box& b) {
  const auto area = [](const Box& box) {
    return static_cast<double>(std::max(box.right - box.left, 0)) * std::max(box.bottom - box.top, 0);
  };
  const double shared = area({std::max(a.left, b.left), std::max(a.top, b.top), std::min(a.right, b.right),
                              std::min(a.bottom, b.bottom)});
  const double covered = area(a) + area(b) - shared;
  return covered > 0 ? shared / covered : 0;
}

std::optional<Box> bounding_box(std::span<const std::uint8_t> mask, int width, int threshold) {
  const int height = static_cast<int>(mask.size()) / width;
  Box box{width, height, 0, 0};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      if (mask[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] >=
          threshold)
        box = {std::min(box.left, x), std::min(box.top, y), std::max(box.right, x + 1), y + 1};
  if (box.right == 0) return std::nullopt;
  return box;
}

Box in_photograph(const Box& box, const Framing& f) {
  const auto first = [](std::int64_t at, int photo, int resized) {
    return static_cast<int>(at * photo / resized);
  };
  const auto last = [](std::int64_t at, int photo, int resized) {
    return static_cast<int>((at * photo + resized - 1) / resized);
  };
  return {first(box.left + f.left, f.photo_width, f.width), first(box.top + f.top, f.photo_height, f.height),
          last(box.right + f.left, f.photo_width, f.width),
          last(box.bottom + f.top, f.photo_height, f.height)};
}

}  // namespace backlight
