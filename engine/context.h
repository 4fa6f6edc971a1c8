#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "engine/error.h"
#include "engine/graph.h"
#include "engine/tensor.h"
#include "kernels/relu.h"

namespace backlight {

class Session;

/// A parameter as the chosen implementation wants it: packed once and kept by the session.
struct Prepared {
  Tensor weights;
};

/// What an op saved, or null where nobody will read it.
struct Saved {
  std::byte* data = nullptr;
};

/// What forward and backward have in common: the node's tensors, and the way to a kernel.
class Context {
 public:
  Context(Session& session, const Node& node) : session_(session), node_(node) {}

  int inputs() const { return static_cast<int>(node_.inputs.size()); }
  Tensor input(int index) const;
  Tensor output() const;
  /// Empty where the node has no such parameter: a convolution without bias.
  Tensor parameter(int index) const;
  Prepared prepared(int index) const { return {parameter(index)}; }
  Shape input_shape(int index) const;
  Shape output_shape() const;
  Saved saved() const;
  /// Part of what was saved, as `shape` elements after `offset` elements; empty where nothing is saved.
  Tensor saved(std::int64_t offset, const Shape& shape) const;

  /// Runs the contract's first implementation for this device and these sizes. Tensors become pointers, empty
  /// tensors null.
  template <template <class> class Contract, class... Arguments>
  void run(const typename Contract<float>::Sizes& sizes, const Arguments&... arguments) const {
    if (precision() == Precision::float32)
      run_as<Contract<float>>(sizes, arguments...);
    else
      run_as<Contract<double>>(sizes, arguments...);
  }

 protected:
  Precision precision() const;
  Device device() const;
  std::string_view forced_kernel() const;
  Workers workers(std::size_t scratch_bytes) const;
  /// Room for `count` elements of prepared weights that belong to this node and `key`, and whether they are
  /// new.
  std::pair<void*, bool> prepared_memory(const void* key, std::size_t count) const;

  template <class Contract, class... Arguments>
  void run_as(const typename Contract::Sizes& sizes, const Arguments&... arguments) const {
    const auto* kernel = choose(table<Contract>(device()), sizes, forced_kernel());
    if (!kernel) throw Error(std::string(Contract::name) + ": no implementation takes these sizes");
    kernel->run(sizes, argument<Contract>(*kernel, sizes, arguments)...,
                workers(kernel->scratch ? kernel->scratch(sizes) : 0));
  }

  template <class Contract, class Argument>
  auto argument(const Implementation<Contract>& kernel, const typename Contract::Sizes& sizes,
                const Argument& value) const {
    using T = typename Contract::Element;
    if constexpr (std::is_same_v<Argument, Tensor>) {
      return value.template as<T>();
    } else if constexpr (std::is_same_v<Argument, Saved>) {
      return reinterpret_cast<std::uint8_t*>(value.data);
    } else if constexpr (std::is_same_v<Argument, Prepared>) {
      const T* weights = value.weights.template as<T>();
      if (!kernel.prepare) return weights;
      const auto [memory, fresh] = prepared_memory(&kernel, kernel.prepared(sizes));
      if (fresh) kernel.prepare(sizes, weights, static_cast<T*>(memory));
      return static_cast<const T*>(memory);
    } else {
      return value;
    }
  }

  Session& session_;
  const Node& node_;
};

class ForwardContext : public Context {
 public:
  ForwardContext(Session& session, const Node& node, bool replay) : Context(session, node), replay_(replay) {}
  /// True: the signs and winners that were saved before are to be used, not found again.
  bool replay() const { return replay_; }

 private:
  bool replay_;
};

class BackwardContext : public Context {
 public:
  BackwardContext(Session& session, const Node& node, std::size_t step)
      : Context(session, node), step_(step) {}
  ReluRule rule() const;
  Tensor output_gradient() const;
  bool wants_input(int index) const;
  Tensor input_gradient(int index) const;
  /// Whether the gradient of this input is to be set or added to.
  Write write(int index) const;
  bool wants_parameters() const;
  /// Empty where the node has no such parameter.
  Tensor parameter_gradient(int index) const;

 private:
  std::size_t step_;
};

}  // namespace backlight
