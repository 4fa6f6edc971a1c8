#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/context.h"
#include "engine/differentiate.h"
#include "engine/graph.h"
#include "engine/parameters.h"
#include "engine/plan.h"

namespace backlight {

class Trace;

struct SessionOptions {
  Device device = Device::cpu;
  int threads = 1;
  std::vector<std::string> keep =
      {};                   // values that must be readable after the run, besides the graph's output
  bool keep_all = false;    // every value, gradient and saved byte is
  std::string kernel = {};  // the implementation to prefer, by name, wherever it takes the sizes
};

/// Called while a run goes on, when something is complete and before anybody reads it. Needs `keep_all` to
/// look at.
struct Watcher {
  std::function<void(ValueId)> value_ready = {};     // after a node's forward
  std::function<void(ValueId)> gradient_ready = {};  // after the last contribution to a value's gradient
};

/// A graph with its weights and its memory, ready to run. The same input gives the same bits, run after run,
/// whatever the number of threads or the batch an image is in.
class Session {
 public:
  /// `differentiation` may be empty: then only forward runs. The precision is that of the parameters. Throws
  /// Error where a parameter of the graph is missing or has another shape, and where memory runs out.
  Session(Graph graph, std::shared_ptr<const Parameters> parameters,
          std::optional<Differentiation> differentiation = {}, SessionOptions options = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  /// Sets an input of the graph (N,C,H,W in row-major order, whatever the layout inside). T is float or
  /// double. Throws UsageError where it is no input or has another number of elements.
  template <class T>
  void set(std::string_view input, std::span<const T> elements) {
    import_into(value_tensor(input_value(input)), elements);
  }
  /// Runs every node. With `replay`, ReLUs and max pools use the signs and winners of the run before (needs
  /// keep_all).
  void forward(bool replay = false);
  /// Sends `seed`, the gradient of the target, back. It overwrites what the forward saved, so each call needs
  /// a forward of its own: throws UsageError where there was none.
  template <class T>
  void backward(std::span<const T> seed) {
    const ValueId target = required_differentiation().target;
    if (!forward_ran_) throw UsageError("backward needs a forward of its own before it");
    import_into(gradient_tensor(target), seed);
    run_backward();
  }

  /// A value or gradient in row-major N,C,H,W. Throws UsageError where it has no such name or was not kept.
  template <class T>
  std::vector<T> value(std::string_view name) const {
    return exported<T>(value_tensor(kept_value(name)));
  }
  template <class T>
  std::vector<T> gradient(std::string_view name) const {
    return exported<T>(gradient_tensor(kept_gradient(name)));
  }
  /// In the framework's layout; 0 where the target does not depend on it is not stored: throws UsageError.
  template <class T>
  std::vector<T> parameter_gradient(std::string_view name) const {
    return parameter_gradient_tensor(name).template copy<T>();
  }

  const Graph& graph() const { return graph_; }
  const Plan& plan() const { return plan_; }
  const Differentiation& required_differentiation() const;
  Precision precision() const { return parameters_->precision(); }
  const SessionOptions& options() const { return options_; }

  /// For looking inside and for checks: replaces a value or gradient while a run goes on.
  template <class T>
  void overwrite_value(ValueId id, std::span<const T> elements) {
    import_into(value_tensor(id), elements);
  }
  template <class T>
  void overwrite_gradient(ValueId id, std::span<const T> elements) {
    import_into(gradient_tensor(id), elements);
  }
  /// What a node saved for its backward; empty where nothing.
  std::span<const std::uint8_t> saved(NodeId id) const;
  /// Null: nobody watches.
  void watch(Watcher watcher) { watcher_ = std::move(watcher); }
  void trace(Trace* trace) { trace_ = trace; }
  /// Call after the parameters were changed from outside: what was packed from them is thrown away.
  void parameters_changed() { prepared_.clear(); }

  Tensor value_tensor(ValueId id) const;
  Tensor gradient_tensor(ValueId id) const;
  Tensor parameter_gradient_tensor(std::string_view name) const;

 private:
  friend class Context;
  friend class BackwardContext;

  template <class T>
  void import_into(const Tensor& tensor, std::span<const T> elements);
  template <class T>
  std::vector<T> exported(const Tensor& tensor) const;
  Tensor block_tensor(int block, const Shape& shape) const;
  ValueId input_value(std::string_view name) const;
  ValueId kept_value(std::string_view name) const;
  ValueId kept_gradient(std::string_view name) const;
  void run_backward();

  Graph graph_;
  std::shared_ptr<const Parameters> parameters_;
  std::optional<Differentiation> differentiation_;
  SessionOptions options_;
  Plan plan_;
  Buffer arena_;
  std::vector<Tensor> parameter_tensors_;  // by ParameterId
  Parameters constants_;
  std::map<std::pair<const Node*, const void*>, Buffer> prepared_;
  Buffer scratch_;
  bool forward_ran_ = false;  // since the last backward
  Watcher watcher_;
  Trace* trace_ = nullptr;
};

}  // namespace backlight
