#include "apps/training_record.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

using namespace backlight;

TEST_CASE("a training record is described as far as it is there and of the right type") {
  const auto describe = [](const char* text) {
    return describe_training(nlohmann::json::parse(text, nullptr, false));
  };
  CHECK(describe(R"({"command": "backlight train", "seconds": 12.4, "held_out_correct": 9,
                     "held_out_pictures": 10, "history": ""})") ==
        "trained by: backlight train (12 s)\nheld out: 9 of 10 right\n");
  CHECK(describe(R"({"command": "backlight train"})") == "trained by: backlight train\n");
  CHECK(describe(R"({"command": "backlight train", "seconds": "many"})") == "trained by: backlight train\n");
  CHECK(describe(R"({"seconds": 12, "held_out_correct": 9})") == "");
  CHECK(describe(R"({"held_out_correct": 9, "held_out_pictures": 10.5})") == "");
  CHECK(describe(R"({"held_out_correct": 9, "held_out_pictures": [10]})") == "");
  CHECK(describe(R"({"held_out_correct": 0, "held_out_pictures": 10})") == "held out: 0 of 10 right\n");
  CHECK(describe(R"({"command": 5, "held_out_correct": null})") == "");
  CHECK(describe(R"({"command": "a\u001b[2Jb\nc"})") == "trained by: a?[2Jb?c\n");
  CHECK(describe("[1, 2]") == "");
  CHECK(describe("no JSON") == "");
}
