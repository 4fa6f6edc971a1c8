#include <algorithm>
#include <array>

#include "apps/attribution_command.h"
#include "apps/commands.h"
#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/localization/localization.h"

namespace backlight {
namespace {

using Rgb = std::array<std::uint8_t, 3>;
constexpr Rgb orange{255, 140, 0}, blue{30, 100, 255}, green{60, 255, 80};

/// `share` of a colour over a pixel.
void tint(std::uint8_t* pixel, const Rgb& colour, double share = 0.6) {
  for (std::size_t c = 0; c < 3; ++c)
    pixel[c] = static_cast<std::uint8_t>(pixel[c] * (1 - share) + colour[c] * share);
}

Image in_grey(const Image& photo) { return overlay(photo, std::vector<float>(photo.pixels.size() / 3, 0)); }

Image draw_seeds(const Image& photo, std::span<const Seed> seeds) {
  Image picture = in_grey(photo);
  for (std::size_t p = 0; p < seeds.size(); ++p)
    if (seeds[p] != Seed::none) tint(&picture.pixels[3 * p], seeds[p] == Seed::foreground ? orange : blue);
  return picture;
}

/// The object as it is in the photograph, on blue, `factor` times as large, with the box around its pixels.
Image draw_object(const Image& photo, const Localization& object, int factor) {
  Image picture = in_grey(photo);
  for (std::size_t p = 0; p < object.mask.size(); ++p)
    if (object.mask[p] == 0)
      tint(&picture.pixels[3 * p], blue);
    else
      std::copy_n(&photo.pixels[3 * p], 3, &picture.pixels[3 * p]);
  picture = enlarge(picture, factor);
  constexpr int thickness = 3;
  const Box box{object.box.left * factor, object.box.top * factor, object.box.right * factor,
                object.box.bottom * factor};
  for (int y = box.top; y < box.bottom; ++y)
    for (int x = box.left; x < box.right; ++x)
      if (std::min({x - box.left, y - box.top, box.right - 1 - x, box.bottom - 1 - y}) < thickness)
        tint(picture.at(x, y), green, 1);
  return picture;
}

Image draw(const Image& photo, const std::vector<float>& map, const Localization& object,
           const std::string& caption) {
  const Image large = enlarge_to(photo, 224);
  const Image heat = heat_map(normalise(map, scale_of(map)), photo.width, photo.height);
  const Image row =
      montage({{label(large, "what the network saw"), label(enlarge_to(heat, 224), "saliency"),
                label(enlarge_to(draw_seeds(photo, saliency_seeds(map)), 224),
                      "seeds: object orange, background blue"),
                label(draw_object(photo, object, large.width / photo.width), "object and box")}});
  return label(row, caption);
}

nlohmann::json to_json(const Box& box) {
  return {{"left", box.left}, {"top", box.top}, {"right", box.right}, {"bottom", box.bottom}};
}

/// "columns 3 to 17, rows 0 to 9 of 60 x 40 pixels".
std::string describe(const Box& in_photo, const Framing& framing) {
  return "columns " + std::to_string(in_photo.left) + " to " + std::to_string(in_photo.right - 1) +
         ", rows " + std::to_string(in_photo.top) + " to " + std::to_string(in_photo.bottom - 1) + " of " +
         std::to_string(framing.photo_width) + " x " + std::to_string(framing.photo_height) + " pixels";
}

void run(const AttributionOptions& options) {
  const AttributionCommand command(options);
  const OutputPaths paths = output_paths(command.list(), options.out, ".png");
  const auto visit = [&](const Attribution& a,
                         const AttributionCommand::Seen& seen) -> AttributionCommand::Finding {
    const std::vector<float> map = saliency_map(a.gradient);
    const Localization object = localize(seen.picture, map);
    const Box in_photo = in_photograph(object.box, seen.framing);
    const std::string caption = describe_target(command.model(), a) + ": " + describe(in_photo, seen.framing);
    write_png(paths[a.index], draw(seen.picture, map, object, caption));
    return {caption, {{"box", to_json(object.box)}, {"box_in_photograph", to_json(in_photo)}}};
  };
  command.run(paths, {}, visit);
}

}  // namespace

void add_localize(CLI::App& app) {
  auto options = std::make_shared<AttributionOptions>();
  options->out = "box.png";
  CLI::App* command = app.add_subcommand("localize", "Where the object of a class is, as a box");
  command->footer(
      "Simonyan et al. 2013, arXiv 1312.6034, section 3.2: the colours of the most salient pixels (above the "
      "95 % "
      "quantile) and of the least\nsalient ones (below 30 %) become two Gaussian mixtures, a graph cut "
      "divides the "
      "picture between them, and the largest connected\npart of the foreground is the object. The box counts "
      "pixels "
      "from 0; in JSON, right and bottom are the first\ncolumn and row beyond it. It is given in the pixels "
      "that the "
      "network saw and in those of the photograph, upright.\n\n"
      "Example: backlight localize cat_dog.png --weights resnet50.h5 --class tabby --out box.png");
  add_attribution_options(*command, *options, "BOX.png; for several pictures, a folder");
  add_model_options(*command, options->common);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
