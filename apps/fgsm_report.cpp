#include "apps/fgsm_report.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/picture.h"

namespace backlight {
namespace {

template <class... Numbers>
std::string text(const char* format, Numbers... numbers) {
  char line[128];
  std::snprintf(line, sizeof line, format, numbers...);
  return line;
}

/// "dog 93.1 %", and for a class that is not the label "dog 93.1 % (cat 2.0 %)".
std::string describe(const Model& model, const Prediction& prediction, int label) {
  std::string result =
      model.class_name(prediction.predicted) + text(" %.1f %%", 100 * prediction.probability);
  if (prediction.predicted != label)
    result += " (" + model.class_name(label) + text(" %.1f %%)", 100 * prediction.own);
  return result;
}

/// Grey levels that epsilon is drawn as, up and down from mid grey.
constexpr double drawn_move = 96;

std::vector<float> amplified(std::vector<float> move, double epsilon) {
  for (float& m : move) m = static_cast<float>(128 + m * drawn_move / epsilon);
  return move;
}

nlohmann::json to_json(const Model& model, const Prediction& prediction) {
  return {{"index", prediction.predicted},
          {"name", model.class_name(prediction.predicted)},
          {"probability", prediction.probability},
          {"class_probability", prediction.own},
          {"fooled", prediction.fooled}};
}

}  // namespace

Image sheet(const Model& model, const AttackedImage& attacked, const Image& original,
            const std::vector<std::vector<float>>& moves, const std::vector<Image>& written) {
  const auto cell = [](const Image& image, const std::string& caption) {
    return label(enlarge_to(image, 224), caption);
  };
  std::vector<std::vector<Image>> rows;
  for (std::size_t i = 0; i < attacked.attacks.size(); ++i) {
    const Attack& attack = attacked.attacks[i];
    const int side = original.width;
    rows.push_back(
        {cell(original, "original\n" + describe(model, attacked.before, attacked.label)),
         cell(from_chw(amplified(moves[i], attack.epsilon), side, side),
              text("perturbation x %g\nepsilon %g of 255", drawn_move / attack.epsilon, attack.epsilon)),
         cell(written[i], "adversarial\n" + describe(model, attack.written, attacked.label))});
  }
  return montage(rows);
}

nlohmann::json to_json(const Model& model, const AttackedImage& attacked) {
  nlohmann::json attacks = nlohmann::json::array();
  for (const Attack& attack : attacked.attacks) {
    nlohmann::json written = to_json(model, attack.written);
    written["out"] = attack.out.string();
    attacks.push_back({{"epsilon", attack.epsilon},
                       {"after", to_json(model, attack.exact)},
                       {"written", std::move(written)}});
  }
  return {{"path", attacked.path},
          {"class", {{"index", attacked.label}, {"name", model.class_name(attacked.label)}}},
          {"before", to_json(model, attacked.before)},
          {"attacks", std::move(attacks)}};
}

std::string to_text(const Model& model, const AttackedImage& attacked) {
  const auto outcome = [&](const Prediction& prediction) {
    return describe(model, prediction, attacked.label) + (prediction.fooled ? ", fooled" : ", not fooled");
  };
  std::string lines = attacked.path + ": " + describe(model, attacked.before, attacked.label) + "\n";
  if (attacked.attacks.empty())
    lines += attacked.before.fooled ? "  fooled as it is: nothing to search\n"
                                    : "  not fooled by any epsilon that was tried\n";
  for (const Attack& attack : attacked.attacks) {
    const std::string exact = outcome(attack.exact), written = outcome(attack.written);
    lines += text("  epsilon %g: ", attack.epsilon) + exact +
             "; read back from 8 bits: " + (written == exact ? "the same" : written) + " -> " +
             attack.out.string() + "\n";
  }
  return lines;
}

}  // namespace backlight
