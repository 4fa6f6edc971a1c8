// What profiling itself costs, and what its rows leave out, on whole networks. On a quiet machine the rows
// are within 3 % of a run that nobody watches, and watching costs less than 2 %: beyond that it is an error.
//   build/bench/bench_profile --benchmark_filter=resnet50
#include <benchmark/benchmark.h>

#include <cmath>

#include "apps/options.h"
#include "apps/profile/profile.h"

namespace {

using namespace backlight;

void profile(benchmark::State& state, const std::string& architecture) {
  const Counters counters;
  SubjectOptions options;
  options.architecture = architecture;
  options.run.threads = worker_threads(0);
  Subject subject(options);
  for (auto _ : state) {
    const Profile profile = measure(subject, 40, counters);
    const double beside = 100 * (profile.whole.median / profile.sum() - 1),
                 watching = 100 * (profile.watched.median / profile.whole.median - 1);
    state.counters["ms"] = 1e3 * profile.whole.median;
    state.counters["beside_the_rows_%"] = beside;
    state.counters["watching_%"] = watching;
    if (std::abs(beside) > 3) state.SkipWithError("the rows are more than 3 % from the whole");
    if (watching > 2) state.SkipWithError("watching costs more than 2 %");
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (const char* architecture : {"resnet18", "resnet50", "vgg16", "cifar_resnet56"})
    benchmark::RegisterBenchmark(architecture, profile, architecture)
        ->Iterations(1)
        ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
