#include "apps/demo/contact_sheet.h"

#include <cstdio>

#include "apps/attribution.h"
#include "apps/drawing/label.h"
#include "apps/drawing/map.h"
#include "apps/drawing/sheet.h"
#include "apps/drawing/stroke.h"

namespace backlight::demo {
namespace {

constexpr int cell_side = 224;  // at least

/// A name in the middle of a white strip.
Image heading(std::string_view name, int width) {
  constexpr double dot = 2.5;
  Image image(width, 36, 255);
  write_text(image, name, {(width - text_width(name, dot)) / 2, 26}, dot, {24, 24, 24}, 1.2);
  return image;
}

}  // namespace

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

std::vector<Cell> row_of(const Model& model, const Exhibit& exhibit) {
  const int side = model.input_size();
  const auto answer = [&](const Answer& a) {
    return model.class_name(a.index) + ", " + percent(a.probability);
  };
  const std::string animal = exhibit.name();
  const std::vector<float> saliency = saliency_map(exhibit.maps[0].gradient);
  const auto on_animal = [](const Map& map) { return percent(map.on_animal) + " on the animal"; };
  const auto described = [&](const std::string& what, const Map& map) {
    return what + " of the " + animal + ": strongest at " + map.strongest + ", " + on_animal(map);
  };
  std::vector<Cell> row{
      {answer(exhibit.answer), exhibit.image,
       "A rendered " + animal + ", which the network takes for a " + answer(exhibit.answer)},
      {on_animal(exhibit.maps[0]), heat_map(normalise(saliency, scale_of(saliency)), side, side),
       described("Saliency map", exhibit.maps[0])}};
  for (std::size_t r = 0; r < rules.size(); ++r) {
    const Map& map = exhibit.maps[r];
    char rise[48];
    std::snprintf(rise, sizeof rise, "logit %+.2f along it", map.faith.rise);
    row.push_back(
        {rise, signed_picture(map.gradient, side, side, static_cast<float>(exhibit.scale)),
         described("What the rule " + std::string(to_string(rules[r])) + " sends back to the pixels", map)});
  }
  if (const auto& fooled = exhibit.fooled) {
    char epsilon[32];
    std::snprintf(epsilon, sizeof epsilon, "\nepsilon %g of 255", fooled->epsilon);
    row.push_back(
        {answer(fooled->answer) + epsilon, fooled->image,
         "The same " + animal + " to the eye, which the network takes for a " + answer(fooled->answer)});
  } else {
    row.push_back(
        {"not fooled", exhibit.image, "The same picture: nothing that was tried fools the network"});
  }
  row.push_back({animal + ", " + percent(exhibit.class_probability), exhibit.class_image,
                 "A picture climbed from grey towards the score of a " + animal});
  return row;
}

Image contact_sheet(const Model& model, const std::vector<Exhibit>& exhibits) {
  std::vector<std::vector<Image>> rows(1);
  for (const Exhibit& exhibit : exhibits) {
    rows.emplace_back();
    for (const Cell& cell : row_of(model, exhibit))
      rows.back().push_back(label(enlarge_to(cell.image, cell_side), cell.caption));
  }
  for (const std::string_view name : column_names) rows[0].push_back(heading(name, rows[1][0].width));
  return montage(rows, 12);
}

}  // namespace backlight::demo
