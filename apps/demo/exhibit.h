#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apps/class_image/ascent.h"
#include "apps/evaluation/faithfulness.h"
#include "apps/evaluation/sample.h"

namespace backlight::demo {

/// The rules of the columns, in their order.
constexpr std::array<ReluRule, 3> rules{ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet};

/// What the network says of a picture.
struct Answer {
  int index = 0;           // the class with the highest logit
  double probability = 0;  // its softmax
};

/// The logit of the answer, sent back to the pixels.
struct Map {
  std::vector<float> gradient;  // 3,size,size: logit per grey level
  double on_animal = 0;         // share of its saliency map that lies on the animal
  Faithfulness faith = {};      // for a step of one grey level a number
  std::string strongest = {};   // what its strongest pixel shows: "ears", "the animal", "beside the animal"
};

/// What the gradient foretells of the step that fools the network. The margin is the answer's logit less that
/// of the class that it is taken for then; moved by ε, each pixel against it, it should fall by ε·Σ|g|, with
/// g the margin's gradient.
struct Forecast {
  double margin = 0, sum = 0;
  double epsilon() const { return margin / sum; }
  double random = 0;  // the largest change of the margin by random signs of the ε that was found, of three
};

/// The picture, changed by the smallest ε found that changes the answer.
struct Fooled {
  double epsilon = 0;  // grey levels
  Image image;
  Answer answer;
  Forecast forecast = {};
};

/// One animal, and all that the demo shows of it: a row of the contact sheet.
struct Exhibit {
  menagerie::Animal animal;
  std::string name() const { return std::string(menagerie::animal_names[static_cast<std::size_t>(animal)]); }
  int target;       // its class
  Image image;      // as the network sees it
  double area = 0;  // share of it that shows the animal
  Answer answer;
  std::array<Map, rules.size()> maps;  // by rules
  double scale = 0;                    // on which the maps are drawn
  std::optional<Fooled> fooled;        // nothing: no ε that was tried changes the answer
  Image class_image;                   // of the animal's class, whatever the answer
  double class_probability = 0;        // of that class, for class_image
};

/// How the class images are climbed to.
extern const AscentOptions ascent;

/// Pictures 0 … 4 of the world, one of each animal in the order of its enumeration, and what the network
/// makes of them. `tick` is called after each iteration of the class images.
std::vector<Exhibit> make_exhibits(const Model& model, const Samples& world,
                                   const std::function<void()>& tick);

}  // namespace backlight::demo
