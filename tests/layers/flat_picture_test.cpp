// A product on white: many windows of a max pool see nothing but equal numbers, and the first must win in
// each, whatever kernel made them. A convolution that rounds one pixel of a flat region differently from
// another breaks such ties elsewhere, and the gradient lands elsewhere.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "layers/network.h"
#include "layers/passes/fold_batchnorm.h"
#include "layers/passes/fuse_endings.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

/// White, but for a square of random colours in the middle. N,3,S,S in grey levels.
std::vector<float> product_on_white(std::int64_t size) {
  std::vector<float> picture(static_cast<std::size_t>(3 * size * size), 255.0f);
  const auto colours = testing::uniform(3 * size * size, 5, 0, 255);
  for (std::int64_t c = 0; c < 3; ++c)
    for (std::int64_t y = size * 3 / 8; y < size * 5 / 8; ++y)
      for (std::int64_t x = size * 3 / 8; x < size * 5 / 8; ++x)
        picture[static_cast<std::size_t>((c * size + y) * size + x)] =
            static_cast<float>(colours[static_cast<std::size_t>((c * size + y) * size + x)]);
  return picture;
}

struct Window {
  std::int64_t kernel, stride, padding;
};

/// Holds the winners of a max pool in windows of equal numbers against those of the reference; gives their
/// number.
int check_winners(const Session& ours, const Session& reference, NodeId id, const Window& w) {
  const Graph& graph = ours.graph();
  const Value &x = graph.value(graph.node(id).inputs[0]), &y = graph.value(graph.node(id).output);
  const std::vector<float> values = reference.value<float>(x.name);
  const auto a = ours.saved(id), b = reference.saved(id);
  const std::int64_t channels = y.shape.channels(), height = x.shape.height(), width = x.shape.width();
  int ties = 0, wrong = 0;
  for (std::int64_t oy = 0; oy < y.shape.height(); ++oy)
    for (std::int64_t ox = 0; ox < y.shape.width(); ++ox)
      for (std::int64_t c = 0; c < channels; ++c) {
        float low = INFINITY, high = -INFINITY;
        for (std::int64_t iy = std::max<std::int64_t>(0, oy * w.stride - w.padding);
             iy < std::min(height, oy * w.stride - w.padding + w.kernel); ++iy)
          for (std::int64_t ix = std::max<std::int64_t>(0, ox * w.stride - w.padding);
               ix < std::min(width, ox * w.stride - w.padding + w.kernel); ++ix) {
            const float value = values[static_cast<std::size_t>((c * height + iy) * width + ix)];
            low = std::min(low, value), high = std::max(high, value);
          }
        const auto window = static_cast<std::size_t>((oy * y.shape.width() + ox) * channels + c);
        if (low != high || high == 0) continue;  // of zeros every kernel makes zeros
        ++ties;
        wrong += a[window] != b[window];
      }
  CHECK(wrong == 0);
  return ties;
}

void check(const char* name, std::int64_t size, const Window& window) {
  CAPTURE(name);
  const Graph network = build_network(name, {.input_size = size, .classes = 10});
  const FoldedNetwork folded =
      fold_batchnorm(network, testing::random_parameters(network, Precision::float32));
  const Graph graph = fuse_endings(folded.graph);
  const Differentiation back = differentiate(graph, graph.output(), {0});
  const std::vector<float> picture = product_on_white(size);
  std::vector<float> seed(10, 0.0f);
  seed[3] = 1;
  const auto session_of = [&](int threads, const char* kernel) {
    auto session =
        std::make_unique<Session>(graph, folded.parameters, back,
                                  SessionOptions{.threads = threads, .keep_all = true, .kernel = kernel});
    session->set("image", std::span<const float>(picture));
    session->forward();
    session->backward(std::span<const float>(seed));
    return session;
  };
  const auto reference = session_of(1, "ref");
  for (const int threads : {1, 2, 3}) {
    const auto ours = session_of(threads, "");
    int ties = 0;
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes().size()); ++id)
      if (graph.node(id).op->decisions() == Decisions::winners)
        ties += check_winners(*ours, *reference, id, window);
    CHECK(ties > 1000);
    CHECK(relative_distance(ours->gradient<float>("image"), reference->gradient<float>("image")) < 1e-4);
  }
}

TEST_CASE("on flat pictures every max pool picks the winner that the reference picks") {
  check("resnet18", 64, {3, 2, 1});
  check("custom_cnn", 64, {2, 2, 0});
}
TEST_CASE("the same of a VGG" * doctest::test_suite("slow")) { check("vgg11_bn", 224, {2, 2, 0}); }

}  // namespace
}  // namespace backlight
