// Every implementation in the convolution tables, over named shapes of real networks.
//   build/bench_conv --benchmark_filter=forward/resnet50
#include <benchmark/benchmark.h>

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
    {"resnet/conv1_7x7s2", square(224, 3, 64, 7, 2)},     {"resnet18/layer1_3x3", square(56, 64, 64, 3, 1)},
    {"resnet18/layer2_3x3s2", square(56, 64, 128, 3, 2)}, {"resnet18/layer4_3x3", square(7, 512, 512, 3, 1)},
    {"resnet50/layer1_1x1", square(56, 64, 256, 1, 1)},   {"resnet50/layer2_3x3", square(28, 128, 128, 3, 1)},
    {"resnet50/layer3_1x1", square(14, 1024, 256, 1, 1)}, {"resnet50/layer4_1x1", square(7, 512, 2048, 1, 1)},
    {"vgg16/conv1_1", square(224, 3, 64, 3, 1)},          {"vgg16/conv3_2", square(56, 256, 256, 3, 1)},
    {"vgg16/conv5_2", square(14, 512, 512, 3, 1)},
};

struct Operands {
  std::vector<float> x, w, y, prepared;
  std::vector<float> aligned_scratch;
  Workers workers{2};

  template <class Contract>
  Operands(const ConvSizes& s, const Bound<Contract>& kernel)
      : x(static_cast<std::size_t>(s.in_height * s.in_width * s.in_channels), 0.5f),
        w(static_cast<std::size_t>(s.weights()), 0.25f),
        y(static_cast<std::size_t>(s.out_height * s.out_width * s.out_channels), 0.125f),
        prepared(w) {
    if (kernel.prepared > 0) {
      prepared.resize(kernel.prepared);
      kernel.prepare(w.data(), prepared.data(), workers);
    }
    workers.scratch_bytes = (kernel.scratch + 63) / 64 * 64;
    std::size_t bytes = workers.scratch_bytes * 2 + kernel.shared, room = bytes + 64;
    aligned_scratch.resize(room / 4 + 1);
    void* start = aligned_scratch.data();
    workers.scratch = static_cast<std::byte*>(std::align(64, bytes, start, room));
    workers.shared = workers.scratch + workers.scratch_bytes * 2;
  }
};

template <class Contract, class Run>
void add(const char* direction, Run run) {
  for (const NamedShape& shape : shapes)
    for (const Implementation<Contract>& kernel : cpu::table<Contract>()) {
      if (!kernel.accepts(shape.sizes)) continue;
      const std::string name = std::string(direction) + "/" + shape.name + "/" + std::string(kernel.name);
      benchmark::RegisterBenchmark(
          name.c_str(),
          [&shape, &kernel, run](benchmark::State& state) {
            const ConvSizes& s = shape.sizes;
            const Bound<Contract> bound = kernel.bind(s, {2});
            Operands o(s, bound);
            for (auto _ : state) run(bound, o);
            state.counters["GFLOP/s"] =
                benchmark::Counter(2e-9 * static_cast<double>(s.out_height * s.out_width * s.weights()) *
                                       static_cast<double>(state.iterations()),
                                   benchmark::Counter::kIsRate);
          })
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    }
}

}  // namespace

int main(int argc, char** argv) {
  add<ConvForward<float>>("forward", [](const auto& kernel, Operands& o) {
    kernel.run(o.x.data(), o.prepared.data(), Epilogue<float>{}, o.y.data(), o.workers);
  });
  add<ConvBackwardData<float>>("backward_data", [](const auto& kernel, Operands& o) {
    kernel.run(o.y.data(), o.prepared.data(), o.x.data(), Gate{}, o.workers);
  });
  add<ConvBackwardWeights<float>>("backward_weights", [](const auto& kernel, Operands& o) {
    kernel.run(o.x.data(), o.y.data(), o.w.data(), nullptr, Write::set, o.workers);
  });
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
