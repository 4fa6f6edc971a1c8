#include "apps/fgsm/report.h"

#include <nlohmann/json.hpp>

#include "apps/drawing/label.h"
#include "apps/drawing/sheet.h"
#include "apps/formatted.h"
#include "weights/text.h"

namespace backlight {
namespace {

/// "dog 93.1 % (cat 2.0 %)": the class that is predicted, and label and target where they are others.
std::string describe(const Model& model, const Prediction& prediction, const AttackedImage& attacked,
                     const char* space = " ") {
  const auto share = [&](int k, double probability) {
    return model.class_name(k) + formatted(" %.1f %%", 100 * probability);
  };
  std::string others;
  if (attacked.label != prediction.predicted) others = share(attacked.label, prediction.own);
  if (attacked.target >= 0 && attacked.target != prediction.predicted && attacked.target != attacked.label)
    others += (others.empty() ? "" : ", ") + share(attacked.target, prediction.aim);
  return share(prediction.predicted, prediction.probability) +
         (others.empty() ? "" : space + ("(" + others + ")"));
}

/// Grey levels that epsilon is drawn as, up and down from mid grey.
constexpr double drawn_move = 96;

/// By which a move of epsilon becomes one of drawn_move.
double factor_of(double epsilon) { return epsilon > 0 ? drawn_move / epsilon : 1; }

std::vector<float> amplified(std::vector<float> move, double epsilon) {
  for (float& m : move) m = static_cast<float>(128 + m * factor_of(epsilon));
  return move;
}

nlohmann::json class_json(const Model& model, int k) { return {{"index", k}, {"name", model.class_name(k)}}; }

/// `before`: of the picture as it is. What fooled the network already is no attack's success.
nlohmann::json to_json(const Model& model, const Prediction& prediction, int target,
                       const Prediction* before = nullptr) {
  nlohmann::json result = class_json(model, prediction.predicted);
  result["probability"] = prediction.probability;
  result["class_probability"] = prediction.own;
  if (target >= 0) result["target_probability"] = prediction.aim;
  result["fooled"] = prediction.fooled && !(before && before->fooled);
  return result;
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
        {cell(original, "original\n" + describe(model, attacked.before, attacked, "\n")),
         cell(from_chw(amplified(moves[i], attack.epsilon), side, side),
              formatted("perturbation x %g\nepsilon %g of 255", factor_of(attack.epsilon), attack.epsilon)),
         cell(written[i], "adversarial\n" + describe(model, attack.written, attacked, "\n"))});
  }
  return montage(rows);
}

nlohmann::json to_json(const Model& model, const AttackedImage& attacked) {
  nlohmann::json attacks = nlohmann::json::array();
  for (const Attack& attack : attacked.attacks) {
    nlohmann::json written = to_json(model, attack.written, attacked.target, &attacked.before);
    written["out"] = attack.out.string();
    attacks.push_back({{"epsilon", attack.epsilon},
                       {"after", to_json(model, attack.exact, attacked.target, &attacked.before)},
                       {"written", std::move(written)}});
  }
  nlohmann::json result{{"path", attacked.path},
                        {"class", class_json(model, attacked.label)},
                        {"before", to_json(model, attacked.before, attacked.target)},
                        {"attacks", std::move(attacks)}};
  if (attacked.target >= 0) result["target"] = class_json(model, attacked.target);
  return result;
}

std::string to_text(const Model& model, const AttackedImage& attacked) {
  const auto outcome = [&](const Prediction& prediction) {
    const char* const said = !prediction.fooled ? ", not fooled" : attacked.before.fooled ? "" : ", fooled";
    return describe(model, prediction, attacked) + said;
  };
  std::string lines = printable(attacked.path) + ": " + describe(model, attacked.before, attacked) + "\n";
  if (attacked.before.fooled)
    lines += "  the network says so of the picture as it is: no attack can be called a success\n";
  else if (attacked.attacks.empty())
    lines += "  not fooled by any epsilon that was tried\n";
  for (const Attack& attack : attacked.attacks) {
    const std::string exact = outcome(attack.exact), written = outcome(attack.written);
    const bool lost = attack.epsilon > 0 &&
                      attack.epsilon < 0.5;  // pixels are whole grey levels, and so are those of the file
    lines += formatted("  epsilon %g: ", attack.epsilon) + exact +
             "; read back from 8 bits: " + (written == exact ? "the same" : written) +
             (lost ? " (the original: less than half a grey level is rounded away)" : "") + " -> " +
             printable(attack.out.string()) + "\n";
  }
  return lines;
}

}  // namespace backlight
