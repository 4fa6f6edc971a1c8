#include "apps/profile/ceilings.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>

#include "engine/memory.h"
#include "engine/parallel.h"

namespace backlight {
namespace {

constexpr std::size_t memory_bytes = std::size_t{512} << 20;  // beyond most caches

double seconds_of(const auto& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The same, with every thread already there when the clock starts, and stopped when the last is through.
double seconds_together(int threads, const auto& body) {
  std::atomic<int> ready{0};
  std::atomic<std::int64_t> first{INT64_MAX}, last{0};
  const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
  for_each_in_parallel(static_cast<std::size_t>(threads), threads, [&](std::size_t thread) {
    for (++ready; ready < threads;) {
    }
    const std::int64_t start = now();
    body(thread);
    const std::int64_t end = now();
    for (std::int64_t seen = first; start < seen && !first.compare_exchange_weak(seen, start);) {
    }
    for (std::int64_t seen = last; end > seen && !last.compare_exchange_weak(seen, end);) {
    }
  });
  using Period = std::chrono::steady_clock::period;
  return static_cast<double>(last - first) * Period::num / Period::den;
}

/// A ceiling is the best of what fits into a tenth of a second.
double best_rate(double amount, const auto& seconds) {
  double best = 0, all = 0;
  for (int attempt = 0; attempt < 3 || all < 0.1; ++attempt) {
    const double took = seconds();
    all += took;
    best = std::max(best, amount / took);
  }
  return best;
}

Ceilings::Compute measure_compute(const PeakLoop& loop, int threads) {
  constexpr double seconds = 0.01;
  static std::atomic<float> kept;  // or the compiler leaves it all out
  long steps = 1 << 10;
  while (seconds_of([&] { kept = loop.run(steps); }) < seconds / 4) steps *= 2;
  const double flop = threads * loop.flop_per_step * static_cast<double>(4 * steps);
  const double rate = best_rate(
      flop, [&] { return seconds_together(threads, [&](std::size_t) { kept = loop.run(4 * steps); }); });
  return {loop.instructions, threads, rate};
}

/// Several streams at a time: one alone does not keep the memory busy.
std::uint64_t sum_of_streams(const std::uint64_t* words, std::size_t count) {
  constexpr std::size_t streams = 4, line = 8;
  const std::size_t part = count / streams;
  std::uint64_t sum[streams] = {};
  for (std::size_t i = 0; i + line <= part; i += line)
    for (std::size_t stream = 0; stream < streams; ++stream)
      for (std::size_t k = 0; k < line; ++k) sum[stream] += words[stream * part + i + k];
  return sum[0] + sum[1] + sum[2] + sum[3];
}

enum class Traffic { read, copy };

/// Each thread goes through its own share again and again.
double measure_bandwidth(std::byte* buffer, std::size_t bytes, int threads, Traffic traffic) {
  static std::atomic<std::uint64_t> kept;
  const std::size_t share = bytes / static_cast<std::size_t>(threads) / 128 * 128;
  const long passes = std::max<long>(1, static_cast<long>((std::size_t{64} << 20) / bytes));
  const auto body = [&](std::size_t thread) {
    std::byte* mine = buffer + thread * share;
    if (traffic == Traffic::copy) {
      for (long pass = 0; pass < passes; ++pass) {
        std::byte *from = mine + (pass % 2 ? share / 2 : 0), *to = mine + (pass % 2 ? 0 : share / 2);
        std::memcpy(to, from, share / 2);
      }
      return;
    }
    const auto* words = reinterpret_cast<const std::uint64_t*>(mine);
    std::uint64_t sum = 0;
    for (long pass = 0; pass < passes; ++pass) sum += sum_of_streams(words, share / sizeof *words);
    kept = sum;
  };
  const double moved = static_cast<double>(passes) * static_cast<double>(share) * threads;
  return best_rate(moved, [&] { return seconds_together(threads, body); });
}

}  // namespace

double Ceilings::peak() const {
  double most = 0;
  for (const Compute& c : compute) most = std::max(most, c.flop_per_second);
  return most;
}

double Ceilings::least_seconds(double flop, double weight_bytes, double other_bytes) const {
  return std::max(flop / peak(),
                  weight_bytes / weights.bytes_per_second + other_bytes / activations.bytes_per_second);
}

Ceilings measure_ceilings(int threads, std::size_t weights, std::size_t activations) {
  Ceilings ceilings;
  for (const PeakLoop& loop : peak_loops()) {
    if (threads > 1) ceilings.compute.push_back(measure_compute(loop, threads));
    ceilings.compute.push_back(measure_compute(loop, 1));
  }
  // Smaller than a page of each thread there is nothing to measure.
  const std::size_t least = std::size_t{16384} * static_cast<std::size_t>(threads);
  weights = std::clamp(weights, least, memory_bytes);
  activations = std::clamp(activations, least, memory_bytes);
  const Buffer buffer(Device::cpu, memory_bytes);
  std::memset(buffer.data(), 1, buffer.bytes());
  const auto measure = [&](std::size_t bytes, Traffic traffic) {
    return measure_bandwidth(buffer.data(), bytes, threads, traffic);
  };
  ceilings.memory = {"read from memory", memory_bytes, measure(memory_bytes, Traffic::read)};
  ceilings.weights = {"read as the weights are", weights, measure(weights, Traffic::read)};
  ceilings.activations = {"copied as the arena is", activations, measure(activations, Traffic::copy)};
  return ceilings;
}

}  // namespace backlight
