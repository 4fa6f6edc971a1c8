// The network that is part of the program: every command uses it where no weights are named.
#include "apps/menagerie/menagerie.h"
#include "apps/runner.h"
#include "apps/training/data.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

namespace {
constexpr std::uint64_t unseen = 4;  // neither learned from (1) nor tested on (2)
}

TEST_CASE("without --weights every command uses the network that Backlight ships") {
  const Desk desk;
  for (std::uint64_t i = 0; i < 5; ++i)
    write_png(desk.path(std::string(menagerie::animal_names[i]) + ".png"),
              menagerie::render(unseen, i).image);
  const nlohmann::json images =
      desk.json({"classify", "bear.png", "cat.png", "dog.png", "monkey.png", "rabbit.png"})["images"];
  for (std::size_t i = 0; i < 5; ++i) CHECK(images[i]["top"][0]["name"] == menagerie::animal_names[i]);
  CHECK(desk.json({"saliency", "cat.png"})["images"][0]["class"]["name"] == "cat");
  CHECK(desk.json({"gradient", "cat.png", "--class", "dog"})["images"][0]["class"]["name"] == "dog");
  CHECK(desk.json({"localize", "cat.png"})["images"].size() == 1);
  CHECK(desk.json({"fgsm", "cat.png"})["images"].size() == 1);
  desk.json({"class-image", "--class", "rabbit", "--iterations", "1", "--out", "rabbit-class.png"});
  CHECK(desk.json({"info"})["architecture"] == "custom_cnn");
  desk.refuses(2, {"gradient", "cat.png", "--class", "horse"}, {"'horse'", "bear cat dog monkey rabbit"});
}

TEST_CASE("the shipped network names at least 98 % of pictures of an unseen seed" *
          doctest::test_suite("slow")) {
  constexpr std::size_t count = 1000, together = 16;
  const DataSplit data = menagerie_data(unseen, count, 1, 128);
  const Model model(WeightFile::shipped(), {.threads = 2});
  Runner runner(model, together);
  std::size_t right = 0;
  for (std::size_t first = 0; first < count; first += together) {
    std::vector<float> images;
    std::vector<int> labels;
    for (std::size_t i = first; i < std::min(count, first + together); ++i) {
      const Example example = data.training->example(0, i);
      images.insert(images.end(), example.pixels.begin(), example.pixels.end());
      labels.push_back(example.label);
    }
    const std::vector<float> logits = runner.run(images).logits;
    for (std::size_t i = 0; i < labels.size(); ++i)
      right += argmax(std::span(logits).subspan(5 * i, 5)) == labels[i];
  }
  CHECK(right >= 980);
}
