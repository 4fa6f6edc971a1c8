#pragma once

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>

#include "engine/compile.h"
#include "engine/error.h"
#include "engine/graph.h"
#include "engine/program.h"
#include "kernels/epilogue.h"

namespace backlight {

/// A parameter in the layout of the kernel that reads it.
struct PreparedOperand {
  Operand weights;  // its memory only where the kernel takes it as it is
};

/// What follows a convolution or a linear layer: the epilogue of kernels/epilogue.h before it knows its type.
struct Finish {
  Operand bias = {}, residual = {};  // empty: none
  bool relu = false;
  Operand signs = {};   // of the ReLU; empty: nobody will read them
  bool replay = false;  // the signs are held, not saved
};

/// How a gradient is written, and what it passes on the way.
struct GradientGate {
  Gate gate;
  Operand signs = {};
};

namespace detail {

/// Where a kernel finds its weights: as they are, or what was packed of them, which exists only once the
/// session is ready.
template <class T>
struct WeightsPointer {
  const T* plain;
  const PreparedParameter* prepared;  // null: as they are
  operator const T*() const { return prepared ? reinterpret_cast<const T*>(prepared->data()) : plain; }
};

/// The type of a kernel's argument, by its place after the sizes.
template <class Run>
struct ArgumentsOf;
template <class Sizes, class... Types>
struct ArgumentsOf<void (*)(const Sizes&, Types...)> {
  template <std::size_t index>
  using At = std::tuple_element_t<index, std::tuple<Types...>>;
};

}  // namespace detail

/// What forward and backward have in common: the node's tensors, and the way to a kernel. Nothing runs here:
/// what an op describes is written down once, and a session runs the list.
class Context {
 public:
  int inputs() const { return static_cast<int>(node_.inputs.size()); }
  Operand input(int index) const;
  Operand output() const;
  /// Empty where the node has no such parameter: a convolution without bias.
  Operand parameter(int index) const;
  PreparedOperand prepared(int index) const;
  Shape input_shape(int index) const;
  Shape output_shape() const;
  /// Empty where nobody will read it.
  Operand saved() const;
  /// Part of what was saved, as `shape` elements after `offset` elements; empty where nothing is saved.
  Operand saved(std::int64_t offset, const Shape& shape) const;

  /// The contract's first implementation that takes these sizes runs here, with these arguments: an operand
  /// becomes a pointer (null where it is empty), a Finish an epilogue, the rest stays as it is.
  template <template <class> class Contract, class... Arguments>
  void run(const typename Contract<float>::Sizes& sizes, const Arguments&... arguments) const {
    if (input_.precision == Precision::float32)
      run_as<Contract<float>>(sizes, arguments...);
    else
      run_as<Contract<double>>(sizes, arguments...);
  }
  /// `to` becomes `from`, or `from` is added to it. Nothing is done where they are the same memory.
  void pass(const Operand& from, const Operand& to, Write write) const;

 protected:
  Context(const CompileInput& input, Compiled& compiled, std::vector<Call>& calls, const Node& node,
          Call::Direction direction)
      : input_(input), compiled_(compiled), calls_(calls), node_(node), direction_(direction) {}
  NodeId id_of(const Node& node) const { return static_cast<NodeId>(&node - input_.graph.nodes().data()); }
  Operand operand(const Tensor& tensor, const std::string& name) const;
  Operand saved_by(NodeId id) const;
  Tensor unpacked(const std::string& parameter) const { return input_.parameters.place(parameter); }

  const CompileInput& input_;
  Compiled& compiled_;
  std::vector<Call>& calls_;
  const Node& node_;
  Call::Direction direction_;

 private:
  template <class Contract, class... Arguments>
  void run_as(const typename Contract::Sizes& sizes, const Arguments&... arguments) const {
    record<Contract>(sizes, std::index_sequence_for<Arguments...>(), arguments...);
  }
  template <class Contract, std::size_t... places, class... Arguments>
  void record(const typename Contract::Sizes& sizes, std::index_sequence<places...>,
              const Arguments&... arguments) const {
    using Types = detail::ArgumentsOf<typename Contract::Run>;
    Call call;
    call.node = id_of(node_);
    call.direction = direction_;
    call.contract = Contract::name;
    const Implementation<Contract>& kernel = chosen<Contract>(sizes, call);
    Bound<Contract> bound = kernel.bind(sizes, input_.machine);
    call.kernel = kernel.name;
    call.prepared = bound.prepared * sizeof(typename Contract::Element);
    if constexpr (requires { sizes.flop(); }) call.flop = sizes.flop();
    (note<typename Types::template At<places>>(call, arguments), ...);
    call.run = [run = bound.run, ... given = argument<Contract, typename Types::template At<places>>(
                                     bound, kernel.name, arguments)](const Workers& workers) {
      run(given..., workers);
    };
    add(std::move(call), bound.scratch, bound.shared);
  }

  template <class Contract>
  const Implementation<Contract>& chosen(const typename Contract::Sizes& sizes, Call& call) const {
    const Table<Contract> entries = table<Contract>(input_.device);
    const std::string_view preferred = input_.kernels.preferred(Contract::name);
    // float64 is there to verify: it sums plainly.
    const bool plain = input_.kernels.strict() || std::is_same_v<typename Contract::Element, double>;
    const Implementation<Contract>* kernel = choose(entries, sizes, preferred, plain);
    if constexpr (is_tunable<Contract>)
      if (kernel && input_.tuning && input_.device == Device::cpu && kernel->name != preferred)
        kernel = input_.tuning->fastest(entries, sizes, input_.machine, plain);
    if (!kernel)
      throw Error("node '" + node_.name + "': no implementation of " + Contract::name + " takes these sizes");
    for (const auto& entry : entries)
      if (&entry < kernel || (entry.name == preferred && &entry != kernel))
        call.declined.emplace_back(entry.name);
    return *kernel;
  }

  /// Type: what the kernel declares. What it reads comes as a pointer to const.
  template <class Contract, class Type, class Argument>
  auto argument(const Bound<Contract>& bound, std::string_view kernel, const Argument& given) const {
    using T = typename Contract::Element;
    const auto signs = [](const Operand& bits) { return reinterpret_cast<std::uint8_t*>(bits.tensor.data); };
    if constexpr (std::is_same_v<Argument, Operand>) {
      using Element = std::remove_const_t<std::remove_pointer_t<Type>>;
      if constexpr (std::is_same_v<Element, T>)
        return static_cast<Type>(given.tensor.template on_device<T>());
      else
        return static_cast<Type>(signs(given));
    } else if constexpr (std::is_same_v<Argument, PreparedOperand>) {
      const std::string& name = given.weights.name;
      if (bound.prepared == 0)
        return detail::WeightsPointer<T>{unpacked(name).template on_device<T>(), nullptr};
      return detail::WeightsPointer<T>{nullptr, prepared_for<Contract>(bound, kernel, name)};
    } else if constexpr (std::is_same_v<Argument, Finish>) {
      return Epilogue<T>{given.bias.tensor.template on_device<T>(),
                         given.residual.tensor.template on_device<T>(), given.relu,
                         given.replay ? nullptr : signs(given.signs),
                         given.replay ? signs(given.signs) : nullptr};
    } else if constexpr (std::is_same_v<Argument, GradientGate>) {
      return given.gate;
    } else {
      return given;
    }
  }

  template <class Contract>
  const PreparedParameter* prepared_for(const Bound<Contract>& bound, std::string_view kernel,
                                        const std::string& parameter) const {
    using T = typename Contract::Element;
    return prepare(
        parameter, std::string(Contract::name) + "/" + std::string(kernel), bound.prepared,
        [make = bound.prepare](const Tensor& weights, std::byte* prepared, const Workers& workers) {
          make(weights.on_device<T>(), reinterpret_cast<T*>(prepared), workers);
        });
  }

  template <class Type, class Argument>
  static void note(Call& call, const Argument& given) {
    if constexpr (std::is_same_v<Argument, Operand>) {
      constexpr bool reads = std::is_const_v<std::remove_pointer_t<Type>>;
      if (given) (reads ? call.reads : call.writes).push_back(given);
    } else if constexpr (std::is_same_v<Argument, PreparedOperand>) {
      call.reads.push_back(given.weights);
    } else if constexpr (std::is_same_v<Argument, Finish>) {
      for (const Operand& read : {given.bias, given.residual})
        if (read) call.reads.push_back(read);
      if (given.signs) (given.replay ? call.reads : call.writes).push_back(given.signs);
    } else if constexpr (std::is_same_v<Argument, GradientGate>) {
      call.adds = given.gate.write == Write::add;
      if (given.gate.reads_mask()) call.reads.push_back(given.signs);
    } else if constexpr (std::is_same_v<Argument, Write>) {
      call.adds = given == Write::add;
    }
  }

  /// Appends a call whose operands are noted, and counts what it moves.
  void add(Call call, std::size_t scratch, std::size_t shared) const;
  const PreparedParameter* prepare(const std::string& parameter, const std::string& kernel, std::size_t count,
                                   const PreparedParameter::Prepare& prepare) const;
};

class ForwardContext : public Context {
 public:
  ForwardContext(const CompileInput& input, Compiled& compiled, const Node& node, bool replay);
  /// True: the signs and winners that were saved before are to be used, not found again.
  bool replay() const { return direction_ == Call::Direction::replay; }
};

class BackwardContext : public Context {
 public:
  BackwardContext(const CompileInput& input, Compiled& compiled, const Node& node, std::size_t step);
  ReluRule rule() const;
  Operand output_gradient() const;
  bool wants_input(int index) const;
  Operand input_gradient(int index) const;
  /// Whether the gradient of this input is to be set or added to.
  Write write(int index) const;
  /// The same for a kernel that can also send it through the ReLU that made this input: an op that says so
  /// (Op::gates_gradient) must use this.
  GradientGate gate(int index) const;
  bool wants_parameters() const;
  /// Empty where the node has no such parameter.
  Operand parameter_gradient(int index) const;

 private:
  std::size_t step_;
};

}  // namespace backlight
