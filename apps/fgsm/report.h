#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "apps/fgsm/attacker.h"

namespace backlight {

/// One picture moved by epsilon.
struct Attack {
  double epsilon = 0;
  Prediction exact, written;  // in floats; of the file, 8 bits, read back
  std::filesystem::path out;
};

/// All about one input.
struct AttackedImage {
  std::string path;
  int label = 0, target = -1;  // below 0: none
  Prediction before;
  std::vector<Attack> attacks;
};

/// Rows of original, perturbation and adversarial picture, each labelled. `moves` are x' − x, 3,size,size in
/// grey levels, and `written` the pictures in the files, both in the order of the attacks.
Image sheet(const Model& model, const AttackedImage& attacked, const Image& original,
            const std::vector<std::vector<float>>& moves, const std::vector<Image>& written);

nlohmann::json to_json(const Model& model, const AttackedImage& attacked);

/// Lines for people.
std::string to_text(const Model& model, const AttackedImage& attacked);

}  // namespace backlight
