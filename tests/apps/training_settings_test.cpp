#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/training/history.h"
#include "apps/training/settings.h"
#include "engine/error.h"

using namespace backlight;

TEST_CASE("the learning rate rises in a line and falls as half a cosine") {
  TrainingSettings s;
  s.rate = 2;
  s.warmup = 0.2;
  CHECK(scheduled_rate(s, 0, 100) == doctest::Approx(0.1));
  CHECK(scheduled_rate(s, 9, 100) == doctest::Approx(1));
  CHECK(scheduled_rate(s, 19, 100) == doctest::Approx(2));
  CHECK(scheduled_rate(s, 20, 100) == doctest::Approx(2));
  CHECK(scheduled_rate(s, 60, 100) == doctest::Approx(1));
  CHECK(scheduled_rate(s, 99, 100) == doctest::Approx(1 + std::cos(M_PI * 79 / 80)));
  s.warmup = 0;
  CHECK(scheduled_rate(s, 0, 100) == 2);
  CHECK(scheduled_rate(s, 0, 1) == 2);
}

TEST_CASE("settings come back from their JSON, and from no other text") {
  TrainingSettings s;
  s.data = "flowers";
  s.optimizer = {.method = OptimizerOptions::Method::adamw, .weight_decay = 0.1, .momentum = 0.3};
  s.rate = 1.0 / 3;
  s.seed = ~std::uint64_t{0};
  s.mixup = 0.25;
  const std::string text = to_json(s).dump();
  CHECK(to_json(settings_from_json(text, "W")).dump() == text);
  CHECK(text.find("\"adamw\"") != std::string::npos);
  for (const std::string& bad :
       {std::string("{}"), std::string("epochs"), text.substr(1), std::string("[1]")})
    CHECK_THROWS_AS(settings_from_json(bad, "W"), Error);
  nlohmann::json wrong = to_json(s);
  wrong["epochs"] = "many";
  CHECK_THROWS_AS(settings_from_json(wrong.dump(), "W"), Error);
  wrong = to_json(s);
  wrong["optimizer"] = "lion";
  CHECK_THROWS_AS(settings_from_json(wrong.dump(), "W"), Error);
}

TEST_CASE("a setting out of the range that the command line takes is refused by name") {
  TrainingSettings s;
  check(s, "W");
  const auto refusal = [&] {
    try {
      check(s, "W");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  s.epochs = 0;
  CHECK(refusal() == "W: the setting 'epochs' of the run is 0: a number from 1 to 100000 is expected");
  s.epochs = 100'000;
  CHECK(refusal().empty());
  s.rate = std::nan("");
  CHECK(refusal().find("'rate'") != std::string::npos);
  CHECK(setting_range("momentum").high == 0.9999);
  CHECK_THROWS_AS(setting_range("momentun"), std::out_of_range);
}

TEST_CASE("a history comes back from its lines, bit for bit") {
  const std::vector<EpochRecord> history{{1, 0.1, 1.0 / 3, 0.25, 1.5, 0.5, 7.125},
                                         {2, 1e-17, 2.0 / 3, 1, 0, 0, 1e9}};
  const std::string text = history_to_csv(history);
  const std::vector<EpochRecord> read = history_from_csv(text, "W");
  REQUIRE(read.size() == 2);
  CHECK(read[0].loss == history[0].loss);
  CHECK(read[1].epoch == 2);
  CHECK(history_to_csv(read) == text);
  CHECK(history_from_csv(history_to_csv({}), "W").empty());
  for (const std::string& bad : {std::string(), std::string("epoch\n"), text + "1,2,3\n",
                                 text + "1,2,3,4,5,6,x\n", text + "1,2,3,4,5,6,7,8\n"})
    CHECK_THROWS_AS(history_from_csv(bad, "W"), Error);
}
