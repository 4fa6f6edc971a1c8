#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arena.h"
#include "engine/compile.h"
#include "engine/differentiate.h"
#include "engine/error.h"
#include "engine/graph.h"
#include "engine/parameters.h"
#include "engine/plan.h"
#include "kernels/tuning.h"

namespace backlight {

struct SessionOptions {
  Device device = Device::cpu;
  int threads = 1;
  std::vector<std::string> keep =
      {};                   // values that must be readable after the run, besides the graph's output
  bool keep_all = false;    // every value, gradient and saved byte is
  std::string kernel = {};  // the implementations to prefer (engine/kernel_choice.h)
  bool strict = false;      // only plain IEEE multiply-adds, as in float64
  std::shared_ptr<Tuning> tuning = {};  // measures which kernel is the fastest; null: the tables' rules say
};

/// Bytes that a session holds once it has run. Weights that stay as they were read, and what is packed of the
/// others, belong to the parameters, which several sessions may share.
struct MemoryUse {
  std::size_t weights = 0, prepared = 0, arena = 0, scratch = 0;
  std::size_t total() const { return weights + prepared + arena + scratch; }
};

/// Called while a run goes on, when something is complete and before anybody reads it. Needs `keep_all` to
/// look at.
struct Watcher {
  std::function<void(ValueId)> value_ready = {};     // after a node's forward
  std::function<void(ValueId)> gradient_ready = {};  // after the last contribution to a value's gradient
};

/// A graph with its weights and its memory, compiled into a program and ready to run. The same input gives
/// the same bits, run after run, whatever the number of threads or the batch an image is in.
class Session {
 public:
  /// `differentiation` may be empty: then only forward runs. The precision and the device's memory are those
  /// of the parameters. Throws Error where a parameter of the graph is missing or has another shape, and
  /// where the machine has not the memory that the plan needs, with the batch that would fit.
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
    (void)required_differentiation();
    if (!forward_ran_) throw UsageError("backward needs a forward of its own before it");
    import_into(seed_, seed);
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
  /// Replaces that. Throws UsageError where it is another number of bytes.
  void overwrite_saved(NodeId id, std::span<const std::uint8_t> bytes);
  /// Null: nobody watches.
  void watch(Watcher watcher) { watcher_ = std::move(watcher); }
  /// Called instead of each call, which it has to run: to measure it. Null: the call itself.
  using Around = std::function<void(const Call&, const Workers&)>;
  void around(Around around) { around_ = std::move(around); }

  const Program& program() const { return compiled_.program; }
  MemoryUse memory() const;
  /// Reads and packs what kernels want, as the next forward would.
  void prepare();

  Tensor value_tensor(ValueId id) const { return arena_->value(id); }
  Tensor gradient_tensor(ValueId id) const { return arena_->gradient(id); }
  Tensor parameter_gradient_tensor(std::string_view name) const;

 private:
  template <class T>
  void import_into(const Tensor& tensor, std::span<const T> elements);
  template <class T>
  std::vector<T> exported(const Tensor& tensor) const;
  ValueId input_value(std::string_view name) const;
  ValueId kept_value(std::string_view name) const;
  ValueId kept_gradient(std::string_view name) const;
  /// Throws Error where the machine has not so much, with the batch that would fit.
  void check_memory(std::size_t needed) const;
  /// Whether the gradient that is kept for a value has passed the ReLU in which its node ends.
  bool passes_own_relu(ValueId id) const;
  std::string fused_gradient(ValueId id) const;
  void run(const Call& call) const { around_ ? around_(call, workers_) : call.run(workers_); }
  void run_backward();

  Graph graph_;
  std::shared_ptr<const Parameters> parameters_;
  std::optional<Differentiation> differentiation_;
  SessionOptions options_;
  Plan plan_;
  Parameters constants_;
  std::optional<Arena> arena_;
  Tensor seed_;  // the gradient of the target
  Compiled compiled_;
  Buffer scratch_;
  Workers workers_;
  bool forward_ran_ = false;  // since the last backward
  Watcher watcher_;
  Around around_;
};

}  // namespace backlight
