#include "apps/explained_score.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/error.h"
#include "layers/network.h"

using namespace backlight;

namespace {

std::string refusal(const std::string& text) {
  try {
    (void)score_from_text(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

std::string refusal(const Graph& graph, const std::string& text) {
  try {
    (void)score_value(graph, score_from_text(text));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

Graph custom_cnn() { return build_network("custom_cnn", {.input_size = 32, .classes = 5}); }

}  // namespace

TEST_CASE("an objective is read as it is written, and nothing else is") {
  const ExplainedScore one = score_from_text("node:relu3:5:2,7");
  CHECK(one.kind == ExplainedScore::Kind::node);
  CHECK(one.node == "relu3");
  CHECK((one.channel == 5 && one.y == 2 && one.x == 7));
  CHECK(!score_from_text("node:relu3").channel);
  CHECK(!score_from_text("node:relu3:5").y);
  for (const char* text :
       {"logits", "", "node:", "node:relu3:", "node:relu3:-1", "node:relu3:5:2", "node:relu3:5:2,",
        "node:relu3:5:,2", "node:relu3:5:2,7 ", "node:relu3:99999999999999999999"})
    CHECK(refusal(text).starts_with("--objective " + std::string(text) + ": "));
}

TEST_CASE("an objective must be in the network: the nearest names are told, and how many there are") {
  const Graph graph = custom_cnn();
  CHECK(refusal(graph, "node:relu3") == "accepted");
  CHECK(refusal(graph, "node:rleu3") ==
        "--objective rleu3: the network has no node of this name; the nearest are relu3, relu1, relu2; "
        "backlight "
        "info lists them");
  CHECK(refusal(graph, "node:relu3:48") == "--objective node:relu3:48: 'relu3' has the channels 0 to 47");
  CHECK(refusal(graph, "node:relu3:47:8,0") == "--objective node:relu3:47:8,0: 'relu3' has the rows 0 to 7");
  CHECK(refusal(graph, "node:fc:4:0,1") == "--objective node:fc:4:0,1: 'fc' has the columns 0 to 0");
}

TEST_CASE("the gradient that starts it is that of the objective, by finite differences") {
  const std::vector<float> logits{1.5f, -0.25f, 0.75f};
  const Shape shape{1, 3};
  for (const char* text : {"logit", "softmax", "cross_entropy", "node:fc", "node:fc:2"}) {
    CAPTURE(text);
    const ExplainedScore score = score_from_text(text);
    const auto value = [&](const std::vector<float>& at) {
      std::vector<float> unused(3);
      return start_gradient(score, shape, 1, at, unused);
    };
    std::vector<float> seed(3);
    (void)start_gradient(score, shape, 1, logits, seed);
    for (std::size_t j = 0; j < 3; ++j) {
      constexpr float step = 1.0f / 256;
      std::vector<float> above = logits, below = logits;
      above[j] += step, below[j] -= step;
      CHECK(static_cast<double>(seed[j]) ==
            doctest::Approx((value(above) - value(below)) / (2 * step)).epsilon(1e-4));
    }
  }
}
