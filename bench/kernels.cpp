// Every distinct call of the image gradients of ResNet18, ResNet50 and VGG16 - convolutions, pools, linear
// layers, both directions - by every implementation that takes it: GFLOP/s, GB/s and the percentage of the
// roofs, which are measured first. (FLOP are those of the plain sum: Winograd's can be above.)
//   build/bench/bench_kernels --benchmark_filter='resnet50/layer2.*conv_forward/[^r]'
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "apps/options.h"
#include "apps/profile/ceilings.h"
#include "engine/kernel_choice.h"
#include "layers/network.h"
#include "layers/passes/passes.h"

namespace {

using namespace backlight;

/// A network with weights that are all the same small number, made when they are packed.
FoldedNetwork network(const std::string& architecture) {
  const Graph graph = build_network(architecture, {});
  auto parameters = std::make_shared<Parameters>();
  for (const Parameter& parameter : graph.parameters())
    if (parameter.role != ParameterSpec::Role::constant)
      parameters->add(parameter.name, parameter.shape, [](const Tensor& into) {
        std::fill_n(into.as<float>(), into.shape.elements(), 0.01f);
      });
  return apply_passes(graph, parameters);
}

std::shared_ptr<Session> session_of(const FoldedNetwork& network, const std::string& kernel) {
  const Graph& graph = network.graph;
  return std::make_shared<Session>(graph, network.parameters,
                                   differentiate(graph, graph.output(), {graph.at("image")}),
                                   SessionOptions{.threads = worker_threads(0), .kernel = kernel});
}

/// What is computed, whatever the node: calls of the same key take the same time.
std::string key_of(const Call& call) {
  std::string key = call.contract + (call.adds ? " adds" : "");
  for (const auto* operands : {&call.reads, &call.writes})
    for (const Operand& operand : *operands)
      key += " " + std::to_string(operand.bytes) + to_string(operand.tensor.shape);
  return key + " " + std::to_string(call.flop);
}

double weight_bytes(const Session& session, const Call& call) {
  double bytes = 0;
  for (const Operand& read : call.reads)
    for (const Parameter& parameter : session.graph().parameters())
      if (parameter.name == read.name) bytes += static_cast<double>(read.bytes);
  return bytes;
}

void measure(benchmark::State& state, Session& session, const Call& wanted, const Ceilings& ceilings) {
  session.prepare();
  double last = 0, seconds = 0;
  session.around([&](const Call& call, const Workers& workers) {
    if (&call != &wanted) return;
    const auto start = std::chrono::steady_clock::now();
    call.run(workers);
    last = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  });
  const std::vector<float> seed(1000, 1.0f);
  for (auto _ : state) {
    session.forward();
    if (wanted.direction == Call::Direction::backward) session.backward(std::span<const float>(seed));
    state.SetIterationTime(last);
    seconds += last;
  }
  const double once = seconds / static_cast<double>(state.iterations()),
               weights = weight_bytes(session, wanted);
  state.counters["GFLOP/s"] = wanted.flop / once / 1e9;
  state.counters["GB/s"] = wanted.bytes / once / 1e9;
  state.counters["roof_%"] =
      100 * ceilings.least_seconds(wanted.flop, weights, wanted.bytes - weights) / once;
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  const Ceilings ceilings = measure_ceilings(worker_threads(0), std::size_t{100} << 20, std::size_t{7} << 20);
  std::set<std::string> kernels, seen;
  for (const auto& [contract, names] : implementations(Device::cpu))
    kernels.insert(names.begin(), names.end());
  for (const char* architecture : {"resnet18", "resnet50", "vgg16"}) {
    const FoldedNetwork folded = network(architecture);
    for (const std::string& kernel : kernels) {
      const std::shared_ptr<Session> session = session_of(folded, kernel);
      for (const auto* calls : {&session->program().forward, &session->program().backward})
        for (const Call& call : *calls) {
          if (call.kernel != kernel || !seen.insert(kernel + " " + key_of(call)).second) continue;
          const std::string name = std::string(architecture) + "/" + session->graph().node(call.node).name +
                                   "/" + call.contract + "/" + kernel;
          benchmark::RegisterBenchmark(name.c_str(),
                                       [session, &call, &ceilings](benchmark::State& state) {
                                         measure(state, *session, call, ceilings);
                                       })
              ->UseManualTime()
              ->Unit(benchmark::kMicrosecond);
        }
    }
  }
  benchmark::RunSpecifiedBenchmarks();
}
