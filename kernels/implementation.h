#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace backlight {

/// What a kernel may use while it runs: worker threads, and scratch memory that the caller planned for it.
struct Workers {
  int threads = 1;
  std::byte* scratch = nullptr;   // `threads` slices, one per worker, each 64-byte aligned
  std::size_t scratch_bytes = 0;  // bytes of one slice
  std::byte* shared = nullptr;    // one more piece, for all workers together

  template <class T>
  T* slice(int worker) const {
    return reinterpret_cast<T*>(scratch + scratch_bytes * static_cast<std::size_t>(worker));
  }
};

/// Whether a backward kernel replaces what its output holds or adds to it. The planner decides: the first
/// writer of a gradient sets, later ones add, so nothing is zero-filled and residual joins are right.
enum class Write : std::uint8_t { set, add };

/// What a kernel may know of the machine when it is bound. No bit of a result may depend on it.
struct Machine {
  int threads = 1;
};

namespace detail {
template <class Run>
struct WithoutSizes;
template <class Sizes, class... Arguments>
struct WithoutSizes<void (*)(const Sizes&, Arguments...)> {
  using Function = std::function<void(Arguments...)>;
};
}  // namespace detail

/// A kernel that knows its sizes: all that can be found out before the first run is found out — the geometry,
/// how the work is cut — and running it allocates nothing.
template <class Contract>
struct Bound {
  using Element = typename Contract::Element;

  /// The contract's arguments without the sizes.
  typename detail::WithoutSizes<typename Contract::Run>::Function run;
  /// Scratch bytes that each worker needs, and that all of them share.
  std::size_t scratch = 0, shared = 0;
  /// Elements of the weights as this kernel wants them; 0: it takes the framework's layout. What `prepare`
  /// makes may depend on the sizes of the weights and on the strides, never on the batch or on the image:
  /// sessions of other sizes share it.
  std::size_t prepared = 0;
  std::function<void(const Element* weights, Element* prepared, const Workers&)> prepare = {};
};

/// How a kernel's sums relate to the plain ones.
struct Arithmetic {
  /// Only multiply-adds in IEEE arithmetic, each product once.
  bool plain = true;
  /// The largest error of an output, in units of the root mean square of all; 0: that of a plain sum, and
  /// none where integers are summed.
  double largest_error = 0;
};

/// One way to do what a contract says. A contract (kernels/<op>.h) is a struct with the types `Element`,
/// `Sizes` and `Run`, a pointer to a plain function over raw pointers.
template <class Contract>
class Implementation {
 public:
  using Sizes = typename Contract::Sizes;
  /// Whether a kernel can do these sizes; null: all.
  using Accepts = bool (*)(const Sizes&);

  /// A kernel with nothing to find out beforehand: a plain function.
  constexpr Implementation(std::string_view name_, typename Contract::Run run, Accepts which = nullptr)
      : name(name_), run_(run), accepts_(which) {}
  /// `worth`: the sizes, of those that it can do, where it is quicker than what comes after it in its table;
  /// null: all. `here`: whether the processor in use has what it is made for, as elsewhere a slow stand-in
  /// runs, for tests; null: any has.
  constexpr Implementation(std::string_view name_, Bound<Contract> (*binder)(const Sizes&, const Machine&),
                           Accepts which = nullptr, const Arithmetic& how = {}, Accepts worth = nullptr,
                           bool (*here)() = nullptr)
      : name(name_), arithmetic(how), bind_(binder), accepts_(which), pays_(worth), here_(here) {}

  std::string_view name;
  Arithmetic arithmetic = {};
  bool accepts(const Sizes& sizes) const { return !accepts_ || accepts_(sizes); }
  bool is_at_home() const { return !here_ || here_(); }
  bool pays(const Sizes& sizes) const { return is_at_home() && (!pays_ || pays_(sizes)); }
  Bound<Contract> bind(const Sizes& sizes, const Machine& machine) const {
    if (bind_) return bind_(sizes, machine);
    return {[run = run_, sizes](auto&&... arguments) { run(sizes, arguments...); }};
  }

 private:
  typename Contract::Run run_ = nullptr;
  Bound<Contract> (*bind_)(const Sizes&, const Machine&) = nullptr;
  Accepts accepts_ = nullptr, pays_ = nullptr;
  bool (*here_)() = nullptr;
};

/// The ordered table of one contract on one device: fastest first, reference last. Tests and benchmarks walk
/// it: what is not in a table cannot be reached, and what is in a table cannot escape its test.
template <class Contract>
using Table = std::span<const Implementation<Contract>>;

/// The first entry that accepts the sizes and pays; one that is called `preferred` goes before all others,
/// whether it pays or not. With `plain`, entries whose arithmetic is not do not count. Null where none is
/// left.
template <class Contract>
const Implementation<Contract>* choose(Table<Contract> table, const typename Contract::Sizes& sizes,
                                       std::string_view preferred = {}, bool plain = false) {
  const Implementation<Contract>* first = nullptr;
  for (const auto& entry : table) {
    if (!entry.accepts(sizes) || (plain && !entry.arithmetic.plain)) continue;
    if (entry.name == preferred) return &entry;
    if (!first && entry.pays(sizes)) first = &entry;
  }
  return first;
}

}  // namespace backlight
