#pragma once

// What all kernel tests share: data whose sums are exact, every implementation there is in every way it can
// run, and comparison with nothing allowed.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "kernels/contracts.h"
#include "simt_schedule.h"

namespace backlight::sweep {

inline std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

/// Integers of [low, high]: small enough for every sum of a test to be exact in float.
template <class T>
std::vector<T> integers(std::int64_t count, unsigned seed, int low = -4, int high = 4) {
  std::mt19937 random(seed);
  std::vector<T> data(size(count));
  for (T& value : data)
    value = static_cast<T>(low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1)));
  return data;
}

/// Numbers of [−1, 1) whose sums round, for tests of the order of a sum.
template <class T>
std::vector<T> reals(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> data(size(count));
  for (T& value : data) value = uniform(random);
  return data;
}

/// What an output holds before a kernel writes it: NaN where all of it must be set, integers where it is
/// added to.
template <class T>
std::vector<T> before(std::int64_t count, Write write) {
  if (write == Write::add) return integers<T>(count, 99);
  return std::vector<T>(size(count), std::numeric_limits<T>::quiet_NaN());
}

/// The same numbers, to the bit but for the sign of zero; a NaN equals a NaN.
template <class T>
void check_same(const std::vector<T>& got, const std::vector<T>& wanted) {
  REQUIRE(got.size() == wanted.size());
  std::size_t i = 0;
  while (i < got.size() && (got[i] == wanted[i] || (got[i] != got[i] && wanted[i] != wanted[i]))) ++i;
  if (i == got.size()) return;
  FAIL_CHECK("element ", i, " of ", got.size(), " is ", +got[i], ", not ", +wanted[i], " (difference ",
             +got[i] - +wanted[i], ")");
}

/// Σ a·b, exact for integers.
template <class T>
double dot(const std::vector<T>& a, const std::vector<T>& b) {
  REQUIRE(a.size() == b.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// One implementation, ready to run in one way.
template <class Contract>
class Runner {
 public:
  using T = typename Contract::Element;
  using Sizes = typename Contract::Sizes;

  Runner(const Implementation<Contract>& entry, const Sizes& sizes, int threads = 1)
      : entry_(entry), bound_(entry.bind(sizes, Machine{threads})) {
    const std::size_t slice = (bound_.scratch + 63) / 64 * 64;
    scratch_ = nan_bytes(slice * static_cast<std::size_t>(threads));
    shared_ = nan_bytes(bound_.shared);
    workers_ = {threads, scratch_.get(), slice, shared_.get()};
  }

  const Implementation<Contract>& entry() const { return entry_; }
  /// Whether its sums of integers are the plain ones.
  bool exact() const { return entry_.arithmetic.largest_error == 0; }

  /// The weights as the implementation wants them.
  std::vector<T> weights(const std::vector<T>& framework) const {
    if (bound_.prepared == 0) return framework;
    std::vector<T> prepared(bound_.prepared, std::numeric_limits<T>::quiet_NaN());
    bound_.prepare(framework.data(), prepared.data(), workers_);
    return prepared;
  }

  /// Runs it on pointers or vectors (of which it takes the data).
  template <class... Arguments>
  void operator()(Arguments&&... arguments) const {
    bound_.run(pass(arguments)..., workers_);
  }

 private:
  template <class U>
  static U* pass(std::vector<U>& data) {
    return data.data();
  }
  template <class U>
  static const U* pass(const std::vector<U>& data) {
    return data.data();
  }
  template <class U>
  static U pass(const U& value) {
    return value;
  }

  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  using Memory = std::unique_ptr<std::byte, Free>;

  /// Aligned memory where every number is a NaN: a kernel may expect nothing of it.
  static Memory nan_bytes(std::size_t count) {
    if (count == 0) return {};
    Memory memory(static_cast<std::byte*>(std::aligned_alloc(64, (count + 63) / 64 * 64)));
    std::fill_n(memory.get(), count, std::byte{0xff});
    return memory;
  }

  const Implementation<Contract>& entry_;
  Bound<Contract> bound_;
  Memory scratch_, shared_;
  Workers workers_;
};

/// The meaning of the contract: the last entry of the processor's table.
template <class Contract>
Runner<Contract> reference(const typename Contract::Sizes& sizes) {
  return {cpu::table<Contract>().back(), sizes};
}

/// Calls body(runner) for every entry of every device's table that accepts the sizes, with one and two
/// threads on the processor, and on the simulated GPU in both schedules. A failure inside names the entry.
template <class Contract, class Body>
void for_each_implementation(const typename Contract::Sizes& sizes, Body body) {
  const auto walk = [&](Table<Contract> table, const std::string& device,
                        std::initializer_list<int> thread_counts) {
    for (const auto& entry : table) {
      if (!entry.accepts(sizes)) continue;
      for (const int threads : thread_counts) {
        INFO(device, "/", std::string(Contract::name), "/", std::string(entry.name), " with ", threads,
             " threads");
        body(Runner<Contract>(entry, sizes, threads));
      }
    }
  };
  walk(cpu::table<Contract>(), "cpu", {1, 2});
  walk(simt::table<Contract>(), "simt", {1});
  const simt::ScheduleScope scope(simt::Schedule::reverse);
  walk(simt::table<Contract>(), "simt in reverse", {1});
}

/// Holds every run of an entry against the first run of it: the same bits whatever the threads and the
/// schedule.
template <class T>
class SameBits {
 public:
  template <class Contract>
  void check(const Runner<Contract>& run, const std::vector<T>& got) {
    const auto [first, is_new] = first_.try_emplace(&run.entry(), got);
    if (!is_new) check_same(got, first->second);
  }

 private:
  std::map<const void*, std::vector<T>> first_;
};

constexpr Write writes[] = {Write::set, Write::add};

}  // namespace backlight::sweep
