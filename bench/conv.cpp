// Every implementation in the convolution tables, over named shapes of real networks.
//   build/bench/bench_conv --benchmark_filter=forward/resnet50
#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "kernels/contracts.h"

namespace {

using namespace backlight;

struct NamedShape {
  const char* name;
  ConvSizes sizes;
};

ConvSizes square(std::int64_t size, std::int64_t in, std::int64_t out, std::int64_t kernel,
                 std::int64_t stride) {
  const std::int64_t pad = kernel / 2, out_size = (size + 2 * pad - kernel) / stride + 1;
  return {1, size, size, in, out_size, out_size, out, kernel, kernel, stride, stride, pad, pad, 1, 1, 1};
}

const NamedShape shapes[] = {
    {"resnet/conv1_7x7s2", square(224, 3, 64, 7, 2)},
    {"resnet18/layer1_3x3", square(56, 64, 64, 3, 1)},
    {"resnet18/layer2_3x3s2", square(56, 64, 128, 3, 2)},
    {"resnet18/layer2_1x1s2", square(56, 64, 128, 1, 2)},
    {"resnet18/layer3_3x3", square(14, 256, 256, 3, 1)},
    {"resnet18/layer4_3x3s2", square(14, 256, 512, 3, 2)},
    {"resnet18/layer4_3x3", square(7, 512, 512, 3, 1)},
    {"resnet50/layer1_1x1", square(56, 64, 256, 1, 1)},
    {"resnet50/layer1_1x1_back", square(56, 256, 64, 1, 1)},
    {"resnet50/layer2_3x3", square(28, 128, 128, 3, 1)},
    {"resnet50/layer3_1x1", square(14, 1024, 256, 1, 1)},
    {"resnet50/layer4_1x1s2", square(14, 1024, 2048, 1, 2)},
    {"resnet50/layer4_1x1", square(7, 512, 2048, 1, 1)},
    {"resnet50/layer4_1x1_back", square(7, 2048, 512, 1, 1)},
    {"vgg16/conv1_1", square(224, 3, 64, 3, 1)},
    {"vgg16/conv1_2", square(224, 64, 64, 3, 1)},
    {"vgg16/conv3_2", square(56, 256, 256, 3, 1)},
    {"vgg16/conv4_2", square(28, 512, 512, 3, 1)},
    {"vgg16/conv5_2", square(14, 512, 512, 3, 1)},
    {"cifar/layer1_3x3", square(32, 16, 16, 3, 1)},
};

/// Zeroed memory that begins at a cache line.
struct Memory {
  explicit Memory(std::size_t count) : bytes(count + 64) {
    void* start = bytes.data();
    std::size_t room = bytes.size();
    data = static_cast<std::byte*>(std::align(64, count, start, room));
  }
  std::vector<std::byte> bytes;
  std::byte* data;
};

struct Operands {
  std::vector<float> x, w, y, prepared;

  explicit Operands(const ConvSizes& s)
      : x(static_cast<std::size_t>(s.in_height * s.in_width * s.in_channels), 0.5f),
        w(static_cast<std::size_t>(s.weights()), 0.25f),
        y(static_cast<std::size_t>(s.out_height * s.out_width * s.out_channels), 0.125f) {}
};

template <class Contract, class Run>
void measure(benchmark::State& state, const ConvSizes& s, const Implementation<Contract>& kernel, Run run) {
  const Machine machine{2};
  const Bound<Contract> bound = kernel.bind(s, machine);
  const std::size_t slice = (bound.scratch + 63) / 64 * 64;
  const Memory scratch(slice * static_cast<std::size_t>(machine.threads)), shared(bound.shared);
  const Workers workers{machine.threads, scratch.data, slice, shared.data};
  Operands o(s);
  o.prepared = o.w;
  if (bound.prepared > 0) {
    o.prepared.resize(bound.prepared);
    bound.prepare(o.w.data(), o.prepared.data(), workers);
  }
  for (auto _ : state) run(bound, o, workers);
  state.counters["GFLOP/s"] = benchmark::Counter(1e-9 * s.flop() * static_cast<double>(state.iterations()),
                                                 benchmark::Counter::kIsRate);
}

template <class Contract, class Run>
void add(const char* direction, Run run) {
  for (const NamedShape& shape : shapes)
    for (const Implementation<Contract>& kernel : cpu::table<Contract>()) {
      if (!kernel.accepts(shape.sizes)) continue;
      const std::string name = std::string(direction) + "/" + shape.name + "/" + std::string(kernel.name);
      benchmark::RegisterBenchmark(
          name.c_str(),
          [&shape, &kernel, run](benchmark::State& state) { measure(state, shape.sizes, kernel, run); })
          ->UseRealTime()
          ->MeasureProcessCPUTime()
          ->Unit(benchmark::kMicrosecond);
    }
}

}  // namespace

int main(int argc, char** argv) {
  add<ConvForward<float>>("forward", [](const auto& kernel, Operands& o, const Workers& workers) {
    kernel.run(o.x.data(), o.prepared.data(), {}, o.y.data(), workers);
  });
  add<ConvBackwardData<float>>("backward_data", [](const auto& kernel, Operands& o, const Workers& workers) {
    kernel.run(o.y.data(), o.prepared.data(), o.x.data(), {}, workers);
  });
  add<ConvBackwardWeights<float>>(
      "backward_weights", [](const auto& kernel, Operands& o, const Workers& workers) {
        kernel.run(o.x.data(), o.y.data(), o.w.data(), nullptr, Write::set, workers);
      });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
