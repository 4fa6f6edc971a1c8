// A class score and its gradient at the pixels, whole networks, batch 1, untrained weights (the arithmetic is
// the same).
//   build/bench_image_gradient --benchmark_filter=resnet50/threads:2
#include <benchmark/benchmark.h>

#include <memory>

#include "engine/session.h"
#include "layers/initialize.h"
#include "layers/network.h"
#include "layers/passes/passes.h"

namespace {

using namespace backlight;

void image_gradient(benchmark::State& state, const std::string& architecture, const NetworkOptions& options,
                    int threads, bool fused) {
  const Graph network = build_network(architecture, options);
  const FoldedNetwork run =
      apply_passes(network, std::make_shared<const Parameters>(initialize(network, 1)), {.fuse = fused});
  const Graph& graph = run.graph;
  const Differentiation back = differentiate(graph, graph.output(), {graph.at("image")});
  Session session(graph, run.parameters, back, {.threads = threads});

  std::vector<float> image(static_cast<std::size_t>(3 * options.input_size * options.input_size));
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<float>(i * 7919 % 256);
  std::vector<float> seed(static_cast<std::size_t>(options.classes), 0.0f);
  seed[0] = 1;
  session.set("image", std::span<const float>(image));
  const auto run_once = [&] {
    session.forward();
    session.backward(std::span<const float>(seed));
  };
  run_once();  // reads and packs the weights
  for (auto _ : state) run_once();
  double flop = 0;  // the gradient of the data costs what the forward costs
  for (const Node& node : graph.nodes()) flop += 2 * node.op->flop(graph.input_shapes(node));
  state.counters["GFLOP/s"] =
      benchmark::Counter(flop / 1e9 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["arena_MB"] = static_cast<double>(session.plan().arena_bytes) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  // Fused is what the commands run; unfused, each ReLU and residual join walks through memory on its own.
  for (const char* architecture : {"resnet18", "resnet34", "resnet50", "vgg16", "cifar_resnet56"})
    for (const bool fused : {true, false})
      for (const int threads : {1, 2}) {
        NetworkOptions options;
        if (architecture == std::string_view("cifar_resnet56")) options.input_size = 32, options.classes = 10;
        const std::string name = std::string(architecture) + (fused ? "" : "/unfused");
        benchmark::RegisterBenchmark(
            (name + "/threads:" + std::to_string(threads)).c_str(),
            [=](benchmark::State& state) { image_gradient(state, architecture, options, threads, fused); })
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime();
      }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
