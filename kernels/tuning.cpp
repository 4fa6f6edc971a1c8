#include "kernels/tuning.h"

#include <chrono>
#include <limits>
#include <memory>
#include <vector>

namespace backlight {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string times(std::int64_t a, std::int64_t b) { return std::to_string(a) + "x" + std::to_string(b); }

/// All sizes but the batch.
std::string described(std::string_view contract, const ConvSizes& s, bool plain) {
  return (plain ? "strict " : "") + std::string(contract) + " " + times(s.kernel_height, s.kernel_width) +
         " " + times(s.in_height, s.in_width) + "x" + std::to_string(s.in_channels) + " " +
         times(s.out_height, s.out_width) + "x" + std::to_string(s.out_channels) + " stride " +
         times(s.stride_y, s.stride_x) + " pad " + times(s.pad_top, s.pad_left) + " dilation " +
         times(s.dilation_y, s.dilation_x) + " groups " + std::to_string(s.groups);
}

/// Numbers of a kernel's inputs, outputs, weights or scratch, on a cache line.
class Numbers {
 public:
  Numbers(std::size_t count, float value) : all_(count + line, value) {
    void* at = all_.data();
    std::size_t room = all_.size() * sizeof(float);
    begin_ = static_cast<float*>(std::align(line * sizeof(float), count * sizeof(float), at, room));
  }
  float* get() const { return begin_; }

 private:
  static constexpr std::size_t line = 16;
  std::vector<float> all_;
  float* begin_;
};

std::size_t floats(std::size_t bytes) { return (bytes + sizeof(float) - 1) / sizeof(float); }

void run(const Bound<ConvForward<float>>& kernel, const float* source, const float* weights, float* target,
         const Workers& workers) {
  kernel.run(source, weights, Epilogue<float>{}, target, workers);
}
void run(const Bound<ConvBackwardData<float>>& kernel, const float* source, const float* weights,
         float* target, const Workers& workers) {
  kernel.run(source, weights, target, Gate{}, workers);
}

/// The shortest of several runs, which other programs disturbed least.
template <class Contract>
double shortest(const Implementation<Contract>& entry, const ConvSizes& s, const Machine& machine) {
  constexpr int least_runs = 3, most_runs = 20;
  constexpr double enough = 0.02;
  const Bound<Contract> kernel = entry.bind(s, machine);
  const std::size_t x = static_cast<std::size_t>(s.batch * s.in_height * s.in_width * s.in_channels),
                    y = static_cast<std::size_t>(s.batch * s.out_height * s.out_width * s.out_channels);
  const Numbers source(std::max(x, y), 0.5f), target(std::max(x, y), 0.0f),
      weights(static_cast<std::size_t>(s.weights()), 0.01f), packed(kernel.prepared, 0.0f);
  const std::size_t slice = (kernel.scratch + 63) / 64 * 64;
  const Numbers scratch(floats(slice * static_cast<std::size_t>(machine.threads)), 0.0f),
      shared(floats(kernel.shared), 0.0f);
  const Workers workers{machine.threads, reinterpret_cast<std::byte*>(scratch.get()), slice,
                        reinterpret_cast<std::byte*>(shared.get())};
  if (kernel.prepared > 0) kernel.prepare(weights.get(), packed.get(), workers);
  double best = std::numeric_limits<double>::infinity();
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < most_runs && (i < least_runs || since(start) < enough); ++i) {
    const Clock::time_point one = Clock::now();
    run(kernel, source.get(), kernel.prepared > 0 ? packed.get() : weights.get(), target.get(), workers);
    best = std::min(best, since(one));
  }
  return best;
}

}  // namespace

template <class Contract>
const Implementation<Contract>* Tuning::fastest(Table<Contract> table, const ConvSizes& sizes,
                                                const Machine& machine, bool plain) {
  std::vector<const Implementation<Contract>*> candidates;
  for (const auto& entry : table)
    if (entry.accepts(sizes) && (!plain || entry.arithmetic.plain) && entry.is_at_home())
      candidates.push_back(&entry);
  if (candidates.size() > 1) candidates.pop_back();  // the reference
  if (candidates.size() < 2) return candidates.empty() ? nullptr : candidates.front();

  const std::string what = described(Contract::name, sizes, plain);
  if (const auto known = known_.find(what); known != known_.end())
    for (const auto* entry : candidates)
      if (entry->name == known->second) return entry;
  const Clock::time_point start = Clock::now();
  const Implementation<Contract>* fastest = nullptr;
  double least = std::numeric_limits<double>::infinity();
  for (const auto* entry : candidates)
    if (const double seconds = shortest(*entry, sizes, machine); seconds < least)
      fastest = entry, least = seconds;
  known_[what] = fastest->name;
  ++measured_;
  seconds_ += since(start);
  return fastest;
}

template const Implementation<ConvForward<float>>* Tuning::fastest(Table<ConvForward<float>>,
                                                                   const ConvSizes&, const Machine&, bool);
template const Implementation<ConvBackwardData<float>>* Tuning::fastest(Table<ConvBackwardData<float>>,
                                                                        const ConvSizes&, const Machine&,
                                                                        bool);

}  // namespace backlight
