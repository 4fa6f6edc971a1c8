// The samples that are judged, the methods that make their maps, and the check with random weights.
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "apps/evaluation/evaluation.h"
#include "apps/evaluation/randomisation.h"
#include "apps/evaluation/rank_correlation.h"
#include "apps/runner.h"
#include "tests/apps/animal_weights.h"
#include "tests/weights/h5_fixtures.h"

using namespace backlight;
using namespace backlight::test;
using doctest::Approx;

namespace {

double sum(const Mask& mask) { return std::accumulate(mask.begin(), mask.end(), 0.0); }

const Method& method(std::string_view name) { return *std::ranges::find(methods(), name, &Method::name); }

struct Network {
  Folder folder;
  fs::path path = folder / "animals.h5";
  explicit Network(std::uint64_t seed = 1, std::int64_t resize = 0) {
    write_animal_weights(path, seed, resize);
  }
};

}  // namespace

TEST_CASE("a sample is a picture of Menagerie as the network sees it, with its masks and its class") {
  const Network network;
  const Model model(network.path, {});
  const Samples samples(model, 4);
  for (std::uint64_t index = 0; index < 5; ++index) {
    const Sample sample = samples.at(index);
    const menagerie::Picture drawn = menagerie::render(4, index);
    CHECK(model.class_name(sample.target) == menagerie::animal_names[static_cast<std::size_t>(drawn.animal)]);
    CHECK(sample.picture == model.prepare(drawn.image));
    const double covered = std::reduce(drawn.animal_mask.begin(), drawn.animal_mask.end(), 0.0) / 255 / 16;
    CHECK(sum(sample.animal) == Approx(covered).epsilon(0.01));  // 128² pixels became 32²
    double parts = 0;
    for (const Mask& part : sample.parts) parts += sum(part);
    CHECK(sum(sample.any_part()) == Approx(parts));
    CHECK(parts > 0);
    CHECK(parts < sum(sample.animal) * 1.01);
  }
  const Network cropping(1, 64);  // to 64², of which the middle 32² are seen
  CHECK(Samples(Model(cropping.path, {}), 4).at(0).animal != samples.at(0).animal);
}

TEST_CASE("taking a part away changes the picture where the part was") {
  const Network network;
  const Model model(network.path, {});
  const Samples samples(model, 4);
  const Sample sample = samples.at(1);
  const auto visible = visible_parts(sample);
  REQUIRE(!visible.empty());
  for (const menagerie::Part part : visible) {
    const std::vector<float> with = to_chw(sample.picture), without = to_chw(samples.without(part, 1));
    CHECK(with != without);
  }
}

TEST_CASE("methods are chosen by name, and the baselines always come along") {
  const auto names = [](const std::vector<Method>& chosen) {
    std::vector<std::string> result;
    for (const Method& m : chosen) result.emplace_back(m.name);
    return result;
  };
  CHECK(methods_with_baselines({}).size() == methods().size());
  CHECK((names(methods_with_baselines({"guided", "gradient"})) ==
         std::vector<std::string>{"gradient", "guided", "centre", "edges"}));
  CHECK((names(methods_with_baselines({"edges"})) == std::vector<std::string>{"centre", "edges"}));
  CHECK_THROWS_WITH_AS(
      methods_with_baselines({"gradcam"}),
      "method 'gradcam' is unknown; there are gradient guided deconvnet gradient-x-input smoothgrad "
      "centre edges",
      UsageError);
}

TEST_CASE("a picture's map has no negative value and does not depend on the other pictures") {
  const Network network;
  const Model model(network.path, {.threads = 2});
  const SampleBatch batch = sample_batch(Samples(model, 4), 0, 3, 2);
  const std::size_t size = model.image_elements();
  for (const Method& each : methods()) {
    CAPTURE(each.name);
    const auto maps = each.maps({model, batch.images, batch.targets, 1});
    REQUIRE(maps.size() == 3);
    CHECK(maps[2].size() == size / 3);
    for (const std::vector<float>& map : maps) CHECK(*std::ranges::min_element(map) >= 0);
    CHECK(*std::ranges::max_element(maps[2]) > 0);
    const auto alone =
        each.maps({model, std::span(batch.images).subspan(2 * size), std::span(batch.targets).subspan(2), 1});
    CHECK((alone.front() == maps[2]));
    CHECK((each.name == "centre") == (maps[1] == maps[2]));
  }
}

TEST_CASE(
    "gradient times input is how far each pixel moved the logit from the mean colour's, to first order") {
  const Network network;
  const Model model(network.path, {});
  const SampleBatch batch = sample_batch(Samples(model, 4), 2, 1, 1);
  const auto map = method("gradient-x-input").maps({model, batch.images, batch.targets, 1}).front();
  const auto gradient =
      Runner(model, 1, ReluRule::gradient).run(batch.images, one_hot(batch.targets)).gradients;
  const std::size_t plane = map.size();
  for (std::size_t p = 0; p < plane; ++p) {
    double moved = 0;
    for (std::size_t c = 0; c < 3; ++c)
      moved += static_cast<double>(gradient[c * plane + p]) * (batch.images[c * plane + p] - 127.5);
    CHECK(map[p] == Approx(std::abs(moved)).epsilon(1e-3));
  }
}

TEST_CASE("smoothgrad draws its noise from the seed, and comes near the gradient of a smooth place") {
  const Network network;
  const Model model(network.path, {});
  const SampleBatch batch = sample_batch(Samples(model, 4), 0, 1, 1);
  const auto with_seed = [&](std::uint64_t seed) {
    return method("smoothgrad").maps({model, batch.images, batch.targets, seed}).front();
  };
  CHECK((with_seed(1) == with_seed(1)));
  CHECK((with_seed(1) != with_seed(2)));
  const std::vector<float> grey(model.image_elements(), 90.0f);  // no contrast: no noise
  const auto smooth = method("smoothgrad").maps({model, grey, batch.targets, 1}).front();
  const auto plain = method("gradient").maps({model, grey, batch.targets, 1}).front();
  for (std::size_t p = 0; p < plain.size(); ++p) CHECK(smooth[p] == Approx(plain[p]));
}

TEST_CASE("weights are randomised from the logits down, each normalisation with its convolution") {
  const Graph graph = build_network("custom_cnn", {.input_size = 32, .classes = 5});
  const std::vector<WeightedLayer> layers = layers_from_the_top(graph);
  std::vector<std::string> names;
  std::size_t parameters = 0;
  for (const WeightedLayer& layer : layers) {
    names.push_back(layer.name);
    parameters += layer.parameters.size();
  }
  CHECK((names == std::vector<std::string>{"fc", "conv6", "conv5", "conv4", "conv3", "conv2", "conv1"}));
  CHECK((layers[0].parameters == std::vector<std::string>{"fc.weight", "fc.bias"}));
  CHECK(std::ranges::count(layers[1].parameters, "conv6.weight") == 1);
  CHECK(std::ranges::count(layers[1].parameters, "bn6.running_var") == 1);
  CHECK(parameters == 2 + 6 * 5);
}

TEST_CASE("the check with random weights sees a network that forgets, and none that has nothing to forget") {
  const Network network(1);
  const WeightFile file(network.path);
  const Model model(network.path, {});
  const SampleBatch batch = sample_batch(Samples(model, 4), 0, 2, 1);
  const std::vector<Method> chosen = methods_with_baselines({"gradient", "guided"});
  // Weights that are those of the same seed: every step changes nothing.
  for (const SimilarityCurve& curve :
       randomisation_check(file, {}, chosen, {model, batch.images, batch.targets, 1}).curves)
    for (const Interval& step : curve.steps) CHECK(step.mean == 1);
  const RandomisationCheck check =
      randomisation_check(file, {}, chosen, {model, batch.images, batch.targets, 2});
  CHECK(check.layers.size() == 7);
  CHECK(check.pictures == 2);
  REQUIRE(check.curves.size() == 2);
  for (const SimilarityCurve& curve : check.curves) {
    CAPTURE(curve.method.name);
    REQUIRE(curve.steps.size() == 8);
    CHECK(curve.steps[0].mean == 1);
    CHECK(curve.steps[1].mean < 1);
  }
  // Where nothing is folded, the model has the very weights that are replaced.
  RunOptions plain;
  plain.passes = {.fold = false, .fuse = false};
  const std::vector<SimilarityCurve> unfolded =
      randomisation_check(file, plain, chosen, {model, batch.images, batch.targets, 2}).curves;
  for (std::size_t m = 0; m < unfolded.size(); ++m)
    for (std::size_t i = 0; i < unfolded[m].steps.size(); ++i) {
      CAPTURE(i);
      CHECK(unfolded[m].steps[i].mean == doctest::Approx(check.curves[m].steps[i].mean).epsilon(0.02));
    }
  // After the last step it is wholly the other network.
  const Network other(2);
  const auto maps = [&](const Network& of) {
    const Model whole(of.path, {});
    return method("gradient").maps({whole, batch.images, batch.targets, 1});
  };
  const auto before = maps(network), after = maps(other);
  double similarity = 0;
  for (std::size_t i = 0; i < 2; ++i)
    similarity += rank_correlation(std::vector<double>(before[i].begin(), before[i].end()),
                                   std::vector<double>(after[i].begin(), after[i].end())) /
                  2;
  CHECK(check.curves[0].steps.back().mean == Approx(similarity));
}
