#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace backlight {

/// What a kernel may use while it runs: worker threads, and scratch memory that the caller planned for it.
struct Workers {
  int threads = 1;
  std::byte* scratch = nullptr;   // `threads` slices, one per worker, each 64-byte aligned
  std::size_t scratch_bytes = 0;  // bytes of one slice

  template <class T>
  T* slice(int worker) const {
    return reinterpret_cast<T*>(scratch + scratch_bytes * static_cast<std::size_t>(worker));
  }
};

/// Whether a backward kernel replaces what its output holds or adds to it. The planner decides: the first
/// writer of a gradient sets, later ones add, so nothing is zero-filled and residual joins are right.
enum class Write : std::uint8_t { set, add };

/// One way to do what a contract says. A contract (kernels/<op>.h) is a struct with the types `Element`,
/// `Sizes` and `Run`, a pointer to a plain function over raw pointers.
template <class Contract>
struct Implementation {
  using Sizes = typename Contract::Sizes;
  using Element = typename Contract::Element;

  std::string_view name;
  typename Contract::Run run;
  /// Whether it can do these sizes; null: all.
  bool (*accepts)(const Sizes&) = nullptr;
  /// Scratch bytes that each worker needs; null: none.
  std::size_t (*scratch)(const Sizes&) = nullptr;
  /// Elements of the weights as this implementation wants them, and how to make them from the framework's
  /// layout; null: it takes them as they are.
  std::size_t (*prepared)(const Sizes&) = nullptr;
  void (*prepare)(const Sizes&, const Element* weights, Element* prepared) = nullptr;
};

/// The ordered table of one contract on one device: fastest first, reference last. Tests and benchmarks walk
/// it: what is not in a table cannot be reached, and what is in a table cannot escape its test.
template <class Contract>
using Table = std::span<const Implementation<Contract>>;

/// The first entry that accepts the sizes; one that is called `forced` goes before all others. Null where
/// none accepts.
template <class Contract>
const Implementation<Contract>* choose(Table<Contract> table, const typename Contract::Sizes& sizes,
                                       std::string_view forced = {}) {
  const Implementation<Contract>* first = nullptr;
  for (const auto& entry : table) {
    if (entry.accepts && !entry.accepts(sizes)) continue;
    if (entry.name == forced) return &entry;
    if (!first) first = &entry;
  }
  return first;
}

}  // namespace backlight
