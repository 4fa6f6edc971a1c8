#include <algorithm>
#include <set>

#include "apps/image/resize.h"
#include "apps/training/augment.h"
#include "apps/training/minibatch.h"
#include "engine/error.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

namespace {

/// `count` pictures of one grey level and 20 × 16 pixels, a.png, b.png …
void add_class(const fs::path& folder, int count, std::uint8_t level) {
  fs::create_directories(folder);
  for (int i = 0; i < count; ++i)
    write_png(folder / (std::string(1, static_cast<char>('a' + i)) + ".png"),
              Image(20, 16, static_cast<std::uint8_t>(level + i)));
}

}  // namespace

TEST_CASE("a folder of classes is split, and every epoch sees every picture once in another order") {
  const Folder folder;
  add_class(folder / "x/light", 10, 200);
  add_class(folder / "x/dark", 20, 20);
  write_bytes(folder / "x/dark/notes.txt", "not a picture");
  write_bytes(folder / "x/README", "not a class");
  const DataSplit split = folder_data(folder / "x", 1, 0.2, 14, 2);
  CHECK(split.classes == std::vector<std::string>{"dark", "light"});
  CHECK(split.resize == 16);
  REQUIRE(split.training->size() == 24);
  REQUIRE(split.held_out->size() == 6);

  const auto order = [&](std::size_t epoch) {
    std::vector<int> labels;
    for (std::size_t i = 0; i < 24; ++i) {
      const Example example = split.training->example(epoch, i);
      CHECK(example.pixels.size() == 3 * 14 * 14);
      CHECK(example.pixels == split.training->example(epoch, i).pixels);
      CHECK((example.pixels[0] > 128) == (example.label == 1));
      labels.push_back(example.label);
    }
    CHECK(std::count(labels.begin(), labels.end(), 1) == 8);
    return labels;
  };
  CHECK(order(0) != order(1));
  CHECK(order(1) != order(2));
  std::set<float> held_out;
  for (std::size_t i = 0; i < 6; ++i) held_out.insert(split.held_out->example(0, i).pixels[0]);
  CHECK(held_out.size() == 6);  // not augmented: each its own grey level
}

TEST_CASE("Menagerie never shows a picture twice, and holds out those of another seed") {
  const DataSplit split = menagerie_data(3, 10, 5, 32);
  CHECK(split.classes.size() == 5);
  std::set<std::vector<float>> seen;
  for (const std::size_t epoch : {0, 1})
    for (std::size_t i = 0; i < 10; ++i) {
      const Example example = split.training->example(epoch, i);
      CHECK(example.label == static_cast<int>(i % 5));
      seen.insert(example.pixels);
    }
  for (std::size_t i = 0; i < 5; ++i) seen.insert(split.held_out->example(0, i).pixels);
  CHECK(seen.size() == 25);
}

TEST_CASE("augmentation keeps grey levels in range and depends on the numbers drawn alone") {
  Image image(30, 20);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 37);
  menagerie::Random one(1, 2, 3), same(1, 2, 3), other(1, 2, 4);
  const std::vector<float> pixels = augment(image, 12, one);
  CHECK(pixels.size() == 3 * 12 * 12);
  CHECK(*std::min_element(pixels.begin(), pixels.end()) >= 0);
  CHECK(*std::max_element(pixels.begin(), pixels.end()) <= 255);
  CHECK(pixels == augment(image, 12, same));
  CHECK(pixels != augment(image, 12, other));
  CHECK(augment(Image(1, 1, 90), 4, one).size() == 48);
}

TEST_CASE("targets are shares: smoothed, mixed, and always one in all") {
  const DataSplit split = menagerie_data(3, 8, 1, 16);
  TrainingSettings settings;
  settings.batch = 8;
  settings.smoothing = 0.1;
  const Minibatch plain = training_batch(*split.training, settings, 5, 0, 0, 2);
  CHECK(plain.images.size() == 8 * 3 * 16 * 16);
  CHECK(plain.labels == std::vector<int>{0, 1, 2, 3, 4, 0, 1, 2});
  CHECK(plain.targets[0] == doctest::Approx(0.92));
  CHECK(plain.targets[1] == doctest::Approx(0.02));
  settings.mixup = 1;
  const Minibatch mixed = training_batch(*split.training, settings, 5, 0, 0, 1);
  CHECK(mixed.images != plain.images);
  for (std::size_t n = 0; n < 8; ++n) {
    float sum = 0;
    for (std::size_t k = 0; k < 5; ++k) sum += mixed.targets[n * 5 + k];
    CHECK(sum == doctest::Approx(1));
    // One λ for a picture's pixels and its target: λ = what is left of its own class.
    const std::size_t before = (n + 7) % 8, pixels = 3 * 16 * 16;
    const auto own = static_cast<std::size_t>(plain.labels[n]),
               others = static_cast<std::size_t>(plain.labels[before]);
    if (own == others) continue;
    const float share = (mixed.targets[n * 5 + own] - 0.02f) / 0.9f;
    for (const std::size_t i : {0, 100, 700})
      CHECK(mixed.images[n * pixels + i] == doctest::Approx(share * plain.images[n * pixels + i] +
                                                            (1 - share) * plain.images[before * pixels + i])
                                                .epsilon(1e-3));
  }
}

TEST_CASE("train refuses folders that nothing can be learned from") {
  const Desk desk;
  const auto refuses = [&](const std::vector<std::string>& parts) {
    desk.refuses(1, {"train", "data", "--out", "T.h5", "--input-size", "16"}, parts);
  };
  refuses({"data"});
  fs::create_directory(desk.path("data"));
  refuses({"data", "at least 2 classes", "found 0"});
  add_class(desk.path("data/one"), 4, 10);
  refuses({"data", "at least 2 classes", "found 1"});
  fs::create_directory(desk.path("data/two"));
  refuses({"data/two", "found 0"});
  add_class(desk.path("data/two"), 1, 10);
  refuses({"data/two", "found 1"});
  write_bytes(desk.path("data/two/broken.png"), "this is text");
  refuses({"data/two/broken.png"});
  desk.refuses(2, {"train", "data", "--pictures", "10"}, {"--pictures", "folder"});
  desk.refuses(2, {"train", "--hold-out", "0.2"}, {"--hold-out", "folder"});
}

TEST_CASE("train learns from the folder that menagerie writes") {
  const Desk desk;
  desk.text({"menagerie", "--count", "10", "--out", "animals", "--masks"});
  const auto said =
      desk.json({"train", "animals", "--input-size", "16", "--epochs", "1", "--batch", "5", "--out", "T.h5"});
  CHECK(said["classes"] == nlohmann::json({"bear", "cat", "dog", "monkey", "rabbit"}));
}
