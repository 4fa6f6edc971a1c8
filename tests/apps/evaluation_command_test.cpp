// `backlight evaluate` as a user runs it.
#include "apps/image/image.h"
#include "tests/apps/animal_weights.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

namespace {

std::vector<std::string> evaluate(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"evaluate", "-w", "animals.h5"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Few pictures and steps, so that it is quick.
std::vector<std::string> quick(std::vector<std::string> more, const std::string& randomised = "2") {
  const std::vector<std::string> few{"--methods", "gradient", "--count",      "3",
                                     "--steps",   "2",        "--randomised", randomised};
  more.insert(more.end(), few.begin(), few.end());
  return evaluate(more);
}

}  // namespace

TEST_CASE("evaluate scores the methods and the baselines, and shows it in numbers and pictures") {
  const Desk desk;
  write_animal_weights(desk.path("animals.h5"));
  const auto json = desk.json(quick({"--out", "pictures/here"}));
  CHECK(json["pictures"] == 3);
  REQUIRE(json["methods"].size() == 3);
  for (const auto& method : json["methods"]) {
    CAPTURE(method.dump());
    CHECK(method["baseline"] == (method["name"] != "gradient"));
    CHECK(method["deletion_curve"].size() == 3);
    CHECK(method["deletion_curve"][0] == method["insertion_curve"][2]);
    for (const auto& metric : json["metrics"]) {
      const auto& score = method["scores"][metric["name"].get<std::string>()];
      if (score["mean"].is_null()) continue;  // no picture with three visible parts
      CHECK(score["low"] <= score["mean"]);
      CHECK(score["mean"] <= score["high"]);
      CHECK(score["pictures"] <= 3);
    }
  }
  CHECK(json["randomisation"]["layers"].size() == 7);
  CHECK(json["randomisation"]["curves"].size() == 1);
  CHECK(json["randomisation"]["curves"][0]["similarity"][0]["mean"] == 1);
  REQUIRE(json["out"].size() == 3 + 2 + 1 + 1);
  for (std::size_t i = 0; i < 6; ++i) CHECK(load_image(desk.path(json["out"][i])).width > 100);
  CHECK(json["out"][6] == "pictures/here/evaluation.json");
  CHECK(nlohmann::json::parse(bytes_of(desk.path(json["out"][6])))["methods"] == json["methods"]);

  const std::string text = desk.text(quick({}));
  CHECK(mentions(text, {"3 pictures", "gradient", "baselines:", "centre", "edges", "on animal", "conv1"}));
}

TEST_CASE("evaluate gives the same numbers whatever the number of threads, others for another seed") {
  const Desk desk;
  write_animal_weights(desk.path("animals.h5"));
  const auto one = desk.json(quick({"--threads", "1"}));
  CHECK(one == desk.json(quick({"--threads", "3"})));
  CHECK(one["methods"] != desk.json(quick({"--seed", "9"}))["methods"]);
  CHECK(!desk.json(quick({}, "0")).contains("randomisation"));
}

TEST_CASE("evaluate refuses what it cannot judge") {
  const Desk desk;
  write_animal_weights(desk.path("animals.h5"));
  desk.refuses(2, {"evaluate", "-w", "W.h5", "--out", "pictures"}, {"five animals", "'bear'"});
  desk.refuses(2, evaluate({"--methods", "gradcam"}), {"gradcam", "smoothgrad"});
  desk.refuses(2, evaluate({"--count", "0"}), {"--count", "1"});
  desk.refuses(2, evaluate({"--steps", "1"}), {"--steps", "2"});
  desk.refuses(1, evaluate({"--out", "photo.png"}), {"photo.png", "folder"});
}
