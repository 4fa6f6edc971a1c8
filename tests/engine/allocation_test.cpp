// Running a program allocates nothing. Every allocation of this executable is counted here, those of Eigen
// and of operator new included; a sanitizer has an allocator of its own, so there this file is empty.
#include <doctest/doctest.h>

#include "layers/network.h"
#include "layers/passes/fold_batchnorm.h"
#include "layers/passes/fuse_endings.h"
#include "tests/engine/networks.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)

#include <atomic>

namespace {
std::atomic<std::int64_t> allocations{0};
}

extern "C" {
void* __libc_malloc(std::size_t bytes);
void* malloc(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(bytes);
}
}

namespace backlight {
namespace {

std::int64_t allocations_of_a_run(const Graph& graph, const std::shared_ptr<const Parameters>& parameters,
                                  bool of_parameters, int threads) {
  const Differentiation back = differentiate(graph, graph.output(), {0}, ReluRule::gradient, of_parameters);
  Session session(graph, parameters, back, {.threads = threads});
  const std::vector<double> x = testing::uniform(graph.value(0).shape.elements(), 1, 0, 255);
  const std::vector<float> seed(static_cast<std::size_t>(graph.value(graph.output()).shape.elements()), 1.0f);
  session.set(graph.value(0).name, std::span<const double>(x));
  session.forward();  // the first packs the weights and starts the threads
  session.backward(std::span<const float>(seed));
  const std::int64_t before = allocations;
  session.forward();
  session.backward(std::span<const float>(seed));
  return allocations - before;
}

TEST_CASE("an allocation is counted") {
  const std::int64_t before = allocations;
  CHECK(std::vector<int>(1000).size() == 1000);
  CHECK(allocations > before);
}

TEST_CASE("a forward and an image gradient allocate nothing") {
  for (const char* name : {"resnet18", "vgg11_bn", "cifar_resnet20", "custom_cnn"})
    for (const int threads : {1, 2}) {
      CAPTURE(name);
      CAPTURE(threads);
      const Graph graph = build_network(name, {});
      const FoldedNetwork folded =
          fold_batchnorm(graph, testing::random_parameters(graph, Precision::float32));
      CHECK(allocations_of_a_run(folded.graph, folded.parameters, false, threads) == 0);
      CHECK(allocations_of_a_run(fuse_endings(folded.graph), folded.parameters, false, threads) == 0);
    }
}

}  // namespace
}  // namespace backlight

#endif
