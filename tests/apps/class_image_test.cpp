// Class images: the regularisers against finite differences, and the command.
#include <algorithm>
#include <cmath>
#include <random>

#include "apps/class_image/ascent.h"
#include "apps/class_image/octaves.h"
#include "apps/class_image/regularisers.h"
#include "apps/image/image.h"
#include "apps/progress.h"
#include "apps/runner.h"
#include "tests/apps/tuned_weights.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

std::vector<float> noise(std::size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(random()) / 4294967296.0f - 0.5f;
  return values;
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace

TEST_CASE("the penalties' gradients are those of finite differences") {
  constexpr int side = 5;
  const std::vector<float> picture = noise(3 * side * side);
  std::vector<float> ignored(picture.size());
  const auto decay = [&](const std::vector<float>& p, std::vector<float>& g) {
    return subtract_decay(p, 0.7, g);
  };
  const auto variation = [&](const std::vector<float>& p, std::vector<float>& g) {
    return subtract_total_variation(p, side, 0.3, g);
  };
  const auto check = [&](const auto& penalty) {
    std::vector<float> ascent(picture.size(), 10.0f);  // it is subtracted from what is there
    penalty(picture, ascent);
    for (std::size_t i = 0; i < picture.size(); ++i) {
      std::vector<float> up = picture, down = picture;
      up[i] += 1.0f / 1024;
      down[i] -= 1.0f / 1024;
      const double slope = (penalty(up, ignored) - penalty(down, ignored)) * 512;
      CHECK(10 - ascent[i] == doctest::Approx(slope).epsilon(1e-3));
    }
  };
  check(decay);
  check(variation);
  CHECK(decay({1, 2, 3}, ignored) == doctest::Approx(0.7 * 14));
  std::vector<float> edge(75, 0.0f);  // one step of 1, five rows high, in one plane
  for (int y = 0; y < 5; ++y)
    for (int x = 3; x < 5; ++x) edge[static_cast<std::size_t>(5 * y + x)] = 1;
  CHECK(variation(edge, ignored) == doctest::Approx(0.3 * 5).epsilon(0.02));
}

TEST_CASE("enlarging and its adjoint: <U a, b> = <a, U' b>") {
  for (const auto& [from, to] : {std::pair{4, 9}, {1, 3}, {5, 5}, {7, 32}}) {
    const Upsampling up(from, to);
    const std::vector<float> a = noise(3u * from * from), b = noise(3u * to * to, 2);
    CHECK(dot(up.forward(a), b) == doctest::Approx(dot(a, up.adjoint(b))).epsilon(1e-5));
    CHECK(up.forward(std::vector<float>(3u * from * from, 2.5f)) == std::vector<float>(3u * to * to, 2.5f));
  }
  const std::vector<float> row =
      Upsampling(2, 4).forward(std::vector<float>{0, 4, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(std::vector(row.begin(), row.begin() + 4) == std::vector<float>{0, 1, 3, 4});
  CHECK(octave_sides(224, 4) == std::vector{28, 56, 112, 224});
  CHECK(octave_sides(33, 2) == std::vector{17, 33});
  CHECK(octave_sides(32, 16) == std::vector{4, 8, 16, 32});
  CHECK(octave_sides(5, 3) == std::vector{5});
}

TEST_CASE("rolling comes round, and blurring keeps what is even") {
  std::vector<float> picture = noise(3 * 6 * 6), moved = picture;
  roll(moved, 6, 2, -1);
  CHECK(moved[6 * 6 + 6 * 1 + 4] == picture[6 * 6 + 6 * 2 + 2]);  // (4, 1) of the second plane from (2, 2)
  CHECK(moved[6 * 5 + 1] == picture[6 * 0 + 5]);
  roll(moved, 6, -2 + 12, 1 - 600);
  CHECK(moved == picture);

  std::vector<float> even(75, 3.0f), point(75, 0.0f), none = noise(75);
  blur(even, 5, 1.2);
  for (const float v : even) CHECK(v == doctest::Approx(3));
  point[25 + 12] = 1;  // the middle of the second plane
  blur(point, 5, 0.6);
  CHECK(point[25 + 7] == point[25 + 17]);
  CHECK(point[25 + 7] == doctest::Approx(point[25 + 11]));
  CHECK(point[25 + 7] / point[25 + 12] == doctest::Approx(std::exp(-0.5 / 0.36)));
  CHECK(std::all_of(point.begin(), point.begin() + 25, [](float v) { return v == 0; }));
  blur(none, 5, 0);
  CHECK(none == noise(75));
}

TEST_CASE("the time left is told") {
  CHECK(progress_line("climb", 10, 40, 20) == "climb  [#######-----------------------]  25 %, 1:00 left");
  CHECK(progress_line("climb", 40, 40, 20) == "climb  [##############################] 100 %, 0:00 left");
}

TEST_CASE("the ascent raises its objective, and the weight of the penalty tells") {
  const Desk desk;
  tune_weights(desk);
  const Model model(desk.path("W.h5"), {});
  int ticks = 0;
  const auto squares = [](const std::vector<float>& grey) {
    double sum = 0;
    for (std::size_t i = 0; i < grey.size(); ++i) {
      const double mean[] = {0.485, 0.456, 0.406}, std[] = {0.229, 0.224, 0.225};
      const std::size_t c = i / 1024;
      const double v = (grey[i] / 255 - mean[c]) / std[c];
      sum += v * v;
    }
    return sum;
  };
  const auto climbed = [&](double lambda) {
    return climb(model, {3}, {.iterations = 12, .lambda = lambda}, [&] { ++ticks; });
  };
  const std::vector<float> little = climbed(1e-6), much = climbed(1);
  CHECK(ticks == 24);
  CHECK(squares(much) < squares(little) / 4);
  Runner runner(model, 1);
  std::vector<float> mean(3072);
  for (std::size_t i = 0; i < 3072; ++i) mean[i] = std::vector{123.675f, 116.28f, 103.53f}[i / 1024];
  const float before = runner.run(mean).logits[3], after = runner.run(little).logits[3];
  CHECK(after - 1e-6 * squares(little) > before + 1);
}

TEST_CASE("jitter, blur, octaves and total variation climb too, and do what they are for") {
  const Desk desk;
  tune_weights(desk);
  const Model model(desk.path("W.h5"), {});
  const auto climbed = [&](const AscentOptions& options) { return climb(model, {3}, options, [] {}); };
  const auto logit = [&](const std::vector<float>& picture) {
    return Runner(model, 1).run(picture).logits[3];
  };
  const auto variation = [](const std::vector<float>& picture) {
    std::vector<float> ignored(picture.size());
    return subtract_total_variation(picture, 32, 1, ignored);
  };
  const std::vector<float> plain = climbed({.iterations = 16});
  const float start = logit(climbed({.iterations = 1, .step = 0}));
  CHECK(logit(plain) > start + 50);
  // Where the gradient were not rolled back as far as the picture was rolled, this would be 11.
  CHECK(logit(climbed({.iterations = 16, .jitter = 4})) > start + 18);
  const std::vector<float> blurred = climbed({.iterations = 16, .blur = 0.3}),
                           octaves = climbed({.iterations = 8, .octaves = 2}),
                           smooth = climbed({.iterations = 16, .total_variation = 0.1});
  CHECK(logit(blurred) > start + 40);
  CHECK(logit(octaves) > start + 50);
  CHECK(logit(smooth) > start);
  CHECK(variation(smooth) < variation(plain) / 4);
  CHECK(variation(blurred) < variation(plain));
  CHECK(variation(octaves) < variation(plain));
}

TEST_CASE("class-image makes the same bits for a class alone, among others, and with any threads") {
  const Desk desk;
  tune_weights(desk);
  const auto make = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{
        "class-image", "--weights", "W.h5", "--iterations",      "4",   "--octaves", "2", "--jitter",
        "3",           "--blur",    "0.3",  "--total-variation", "0.01"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return desk.json(arguments)["images"];
  };
  const json three =
      make({"--class", "cat", "7", "cat", "--out", "all", "--threads", "2", "--sheet", "s.png"});
  const json one = make({"--class", "horse", "--out", "horse.png", "--threads", "1"});
  CHECK(three.size() == 3);
  CHECK(three[0]["out"] == "all/cat.png");
  CHECK(three[2]["out"] == "all/cat-2.png");
  CHECK(three[1]["after"] == one[0]["after"]);
  CHECK(bytes_of(desk.path("all/horse.png")) == bytes_of(desk.path("horse.png")));
  CHECK(bytes_of(desk.path("all/cat.png")) == bytes_of(desk.path("all/cat-2.png")));
  CHECK(load_image(desk.path("horse.png")).width == 32);
  CHECK(load_image(desk.path("s.png")).width > 448);
  make({"--class", "horse", "--out", "other.png", "--seed", "1"});
  CHECK(bytes_of(desk.path("other.png")) != bytes_of(desk.path("horse.png")));

  CHECK(one[0]["empty"] == false);
  CHECK(make({"--class", "horse", "--out", "grey.png", "--step", "0.0001"})[0]["empty"] == true);
  CHECK(mentions(
      desk.text({"class-image", "-w", "W.h5", "--class", "cat", "--step", "0.0001", "--iterations", "1"}),
      {"still the mean image", "--step"}));

  const json said =
      desk.json({"classify", "horse.png", "--weights", "W.h5", "--top", "10"})["images"][0]["top"];
  const auto horse = std::ranges::find_if(said, [](const json& c) { return c["index"] == 7; });
  CHECK((*horse)["logit"] == one[0]["written"]["logit"]);
  CHECK((*horse)["probability"] == one[0]["written"]["probability"]);
}

TEST_CASE("class-image refuses what makes no sense, before it climbs") {
  const Desk desk;
  const auto with = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"class-image", "--weights", "W.h5", "--iterations", "100000"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  desk.refuses(2, with({}), {"--class"});
  desk.refuses(2, with({"--class", "gorilla"}), {"'gorilla'"});
  for (const std::string option :
       {"--step", "--lambda", "--jitter", "--blur", "--total-variation", "--octaves"})
    for (const std::string value : {"-1", "nan", "1e30", "some"})
      desk.refuses(2, with({"--class", "cat", option, value}), {option, value});
  desk.refuses(2, with({"--class", "cat", "--out", "o.jpg"}), {"o.jpg", ".png"});
  desk.refuses(2, with({"--class", "cat", "dog", "--out", "o.png"}), {"o.png", "folder"});
  desk.refuses(1, with({"--class", "cat", "--out", "/proc/o.png"}), {"/proc"});
  desk.refuses(1, with({"--class", "cat", "--sheet", "none/s.png"}), {"none"});
}
