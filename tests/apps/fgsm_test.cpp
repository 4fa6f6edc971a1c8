// The fast gradient sign method: its formulas, its search, and the command.
#include "apps/fgsm/attack.h"

#include <algorithm>
#include <cmath>

#include "apps/image/image.h"
#include "apps/model.h"
#include "tests/apps/tuned_weights.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

TEST_CASE("the cross-entropy's seed is p - onehot but for a positive factor") {
  const std::vector<float> logits{1.5f, -2, 0.25f, 3};
  const std::vector<double> p = softmax(logits);
  std::vector<float> seed(4);
  for (int label = 0; label < 4; ++label) {
    cross_entropy_seed(logits, label, seed);
    for (int k = 0; k < 4; ++k)
      CHECK(seed[k] * (1 - p[label]) == doctest::Approx(p[k] - (k == label)).epsilon(1e-6));
  }
  // Where the network is so certain that p - onehot is 0 in floats, there is a direction all the same.
  cross_entropy_seed(std::vector<float>{0, 900, 1}, 1, seed = std::vector<float>(3));
  CHECK(seed[1] == -1);
  CHECK(seed[0] == doctest::Approx(1 / (1 + std::exp(1.0))));
  CHECK(seed[0] + seed[2] == doctest::Approx(1));
  cross_entropy_seed(std::vector<float>{0, -900, 1}, 1, seed);
  CHECK(seed[1] == -1);
}

TEST_CASE("every pixel moves by epsilon, against its clip, and not where the gradient is 0") {
  const std::vector<float> image{100, 100, 100, 3, 254, 255, 0, 7}, nan{0, std::nanf(""), 0};
  const std::vector<float> gradient{1e-30f, -4, 0, -1, 1, 1, -1, -0.0f};
  CHECK(perturbed(image, gradient, 4) == std::vector<float>{104, 96, 100, 0, 255, 255, 0, 7});
  CHECK(perturbed(image, gradient, -4) == std::vector<float>{96, 104, 100, 7, 250, 251, 4, 7});
  CHECK(perturbed(image, gradient, 0.5) == std::vector<float>{100.5, 99.5, 100, 2.5, 254.5, 255, 0, 7});
  CHECK(perturbed(std::vector<float>{1, 2, 3}, nan, 9) == std::vector<float>{1, 2, 3});
}

TEST_CASE("the search finds the edge of the first interval that flips") {
  using Range = std::pair<double, double>;  // flips from … to …, both within
  const std::vector<std::vector<Range>> flipping{{{5.3, 1000}}, {{0.2, 1000}},        {},
                                                 {{300, 1000}}, {{1, 1.1}, {50, 60}}, {{6, 8}, {2.5, 2.6}},
                                                 {{128, 128}}};
  std::size_t calls = 0, asked = 0;
  const auto search = [&](double resolution) {
    calls = asked = 0;
    return smallest_flips(flipping.size(), resolution, [&](const std::vector<Trial>& trials) {
      std::vector<bool> answer;
      for (const Trial& t : trials)
        answer.push_back(std::ranges::any_of(flipping[t.image], [&](const Range& r) {
          return t.epsilon >= r.first && t.epsilon <= r.second;
        }));
      ++calls, asked += trials.size();
      return answer;
    });
  };
  const auto coarse = search(1);
  CHECK(coarse[0] == 6);
  CHECK(coarse[1] == 1);
  CHECK_FALSE(coarse[2]);
  CHECK_FALSE(coarse[3]);  // above most_epsilon
  CHECK(coarse[4] == 1);
  CHECK(coarse[5] == 6);  // the flip at 2.5 lies between the powers of two: success is not monotone
  CHECK(coarse[6] == 128);
  CHECK(calls == 7);  // the powers of two in one, then six halvings of 64 … 128
  const auto fine = search(0.125);
  CHECK(fine[0] == 5.375);
  CHECK(fine[1] == 0.25);
  CHECK(fine[4] == 1);
  CHECK(asked < 100);
  CHECK(
      smallest_flips(0, 1, [](const std::vector<Trial>& t) { return std::vector<bool>(t.size()); }).empty());
}

namespace {

/// What the network says of a file, by itself.
int classified(const Desk& desk, const std::string& name) {
  return desk.json({"classify", name, "--weights", "W.h5", "--top", "1"})["images"][0]["top"][0]["index"];
}

/// The largest difference between two pictures.
int distance(const Image& a, const Image& b) {
  int most = 0;
  REQUIRE(a.pixels.size() == b.pixels.size());
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

}  // namespace

TEST_CASE("fgsm writes pictures that are epsilon away, and says of them what classify says") {
  const Desk desk;
  tune_weights(desk);
  const Model model(desk.path("W.h5"), {});
  const Image original = model.prepare(load_image(desk.path("photo.png")));
  const json result = desk.json({"fgsm", "photo.png", "--weights", "W.h5", "-e", "1,3,40", "--out", "o.png"});
  const json& image = result["images"][0];
  CHECK(image["path"] == "photo.png");
  CHECK(image["class"]["index"] == classified(desk, "photo.png"));
  CHECK(image["before"]["index"] == image["class"]["index"]);
  REQUIRE(image["attacks"].size() == 3);
  double last = image["before"]["class_probability"];
  for (const json& attack : image["attacks"]) {
    const json &after = attack["after"], &written = attack["written"];
    CHECK(distance(load_image(desk.path(written["out"])), original) == attack["epsilon"]);
    CHECK(written["index"] == classified(desk, written["out"]));
    CHECK(after["probability"] == written["probability"]);  // a whole epsilon loses nothing in 8 bits
    CHECK(written["fooled"] == (written["index"] != image["class"]["index"]));
    CHECK(after["class_probability"] < last);
    last = after["class_probability"];
  }
  CHECK(image["attacks"][2]["after"]["fooled"] == true);
  CHECK(fs::exists(desk.path("o-sheet.png")));
  CHECK_FALSE(fs::exists(desk.path("o.png")));  // with several epsilons each has its own
  const std::vector<std::string> little{"fgsm", "photo.png", "-w", "W.h5", "-e", "0.3", "--out", "l.png"};
  CHECK(mentions(desk.text(little), {"epsilon 0.3", "the original: less than half a grey level"}));
}

TEST_CASE("fgsm goes towards a target, and away from a class that is given") {
  const Desk desk;
  tune_weights(desk);
  const int said = classified(desk, "photo.png"), target = (said + 3) % 10;
  const auto attack = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"fgsm", "photo.png", "--weights", "W.h5", "-e", "2", "--out", "o.png"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return desk.json(arguments)["images"][0];
  };
  const std::string name = cifar_classes()[target];
  const json towards = attack({"--targeted", name});
  CHECK(towards["target"]["index"] == target);
  CHECK(towards["class"]["index"] == said);
  CHECK(towards["attacks"][0]["after"]["target_probability"] > towards["before"]["target_probability"]);
  const json away = attack({"--class", name});
  CHECK(away["attacks"][0]["after"]["class_probability"] < away["before"]["class_probability"]);
  CHECK(away["before"]["fooled"] == true);  // it never said so
  CHECK(away["attacks"][0]["after"]["fooled"] == false);
  const json there = attack({"--targeted", cifar_classes()[said]});  // it says so already: no success
  CHECK(there["before"]["fooled"] == true);
  CHECK(there["attacks"][0]["after"]["index"] == said);
  CHECK(there["attacks"][0]["after"]["fooled"] == false);
  CHECK(there["attacks"][0]["written"]["fooled"] == false);
}

TEST_CASE("fgsm's search ends at a picture that fools, one grey level above one that does not") {
  const Desk desk;
  tune_weights(desk, 5);
  const json found =
      desk.json({"fgsm", "photo.png", "--weights", "W.h5", "--search", "--out", "o.png"})["images"][0];
  REQUIRE(found["attacks"].size() == 1);
  const json& attack = found["attacks"][0];
  CHECK(attack["written"]["fooled"] == true);
  CHECK(attack["written"]["index"] == classified(desk, "o.png"));
  const int epsilon = attack["epsilon"];
  REQUIRE(epsilon > 1);
  const json below = desk.json(
      {"fgsm", "photo.png", "--weights", "W.h5", "-e", std::to_string(epsilon - 1), "--out", "b.png"});
  CHECK(below["images"][0]["attacks"][0]["after"]["fooled"] == false);
  // A picture that is wrong as it is needs no search.
  const std::string other = std::to_string((classified(desk, "photo.png") + 1) % 10);
  CHECK(desk.text({"fgsm", "photo.png", "--weights", "W.h5", "--search", "--class", other})
            .find("of the picture as it is") != std::string::npos);
}

TEST_CASE("fgsm says the same of a picture alone and among many, whatever the threads") {
  const Desk desk;
  tune_weights(desk);
  std::vector<std::string> many{"fgsm", "--weights", "W.h5", "-e", "2,5", "--out", "many", "--threads", "2"};
  const std::vector<std::string> fixtures{"tall_47x61.png", "small.png", "grey.png"};
  for (int i = 0; i < 18; ++i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    desk.add_fixture(fixtures[static_cast<std::size_t>(i) % 3], name);
    many.push_back(name);
  }
  const json all = desk.json(many)["images"];
  REQUIRE(all.size() == 18);
  for (int i : {0, 1, 17}) {
    const std::string name = "p" + std::to_string(i) + ".png";
    json alone = desk.json(
        {"fgsm", name, "--weights", "W.h5", "-e", "2,5", "--out", "one", "--threads", "1"})["images"][0];
    for (int a : {0, 1}) {
      json& written = alone["attacks"][a]["written"];
      const std::string out = all[i]["attacks"][a]["written"]["out"];
      CHECK(bytes_of(desk.path(written["out"])) == bytes_of(desk.path(out)));
      written["out"] = out;
    }
    CHECK(alone == all[i]);
  }
}

TEST_CASE("fgsm refuses what makes no sense") {
  const Desk desk;
  const auto with = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"fgsm", "photo.png", "--weights", "W.h5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  for (const std::string epsilon : {"-1", "256", "nan", "inf", "big"})
    desk.refuses(2, with({"--epsilon", epsilon}), {"--epsilon", epsilon});
  desk.refuses(2, with({"--epsilon", "2", "--search"}), {"--search"});
  desk.refuses(2, with({"--search", "--resolution", "0"}), {"--resolution"});
  desk.refuses(2, with({"--class", "gorilla"}), {"'gorilla'"});
  desk.refuses(2, with({"--targeted", "gorilla"}), {"'gorilla'"});
  desk.refuses(2, with({"--out", "photo.png"}), {"photo.png"});  // the input
  desk.refuses(2, with({"--out", "."}), {"photo.png"});
  desk.refuses(2, with({"--epsilon", "2,2"}), {"eps2"});
  desk.refuses(2, with({"--out", "o.jpg"}), {"o.jpg", ".png"});
  desk.refuses(1, {"fgsm", "none.png", "--weights", "W.h5", "--out", "folder"}, {"none.png"});
  desk.refuses(1, with({"--out", "/proc/o.png"}), {"/proc"});
}
