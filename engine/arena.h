#pragma once

#include <span>

#include "engine/graph.h"
#include "engine/memory.h"
#include "engine/plan.h"
#include "engine/tensor.h"

namespace backlight {

/// What a node saved for its backward; null where nobody will read it.
struct Saved {
  std::byte* data = nullptr;
  std::size_t bytes = 0;
  explicit operator bool() const { return data != nullptr; }
};

/// The plan made real: one piece of memory, and where in it everything lies. Refers to `graph` and `plan`.
class Arena {
 public:
  Arena(const Graph& graph, const Plan& plan, Precision precision, Device device)
      : graph_(graph),
        plan_(plan),
        precision_(precision),
        device_(device),
        buffer_(device, plan.arena_bytes) {}

  // Empty where the plan has none.
  Tensor value(ValueId id) const { return tensor(plan_.activations[at(id)], graph_.value(id).shape); }
  Tensor gradient(ValueId id) const { return tensor(plan_.gradients[at(id)], graph_.value(id).shape); }
  Tensor parameter_gradient(ParameterId id) const {
    return tensor(plan_.parameter_gradients[at(id)], graph_.parameter(id).shape);
  }
  Saved saved(NodeId id) const {
    const int block = plan_.saved[at(id)];
    if (block == Plan::none) return {};
    return {place(block), plan_.blocks[at(block)].bytes};
  }
  std::size_t bytes() const { return buffer_.bytes(); }

 private:
  static std::size_t at(int id) { return static_cast<std::size_t>(id); }
  std::byte* place(int block) const { return buffer_.data() + plan_.blocks[at(block)].offset; }
  Tensor tensor(int block, const Shape& shape) const {
    if (block == Plan::none) return {};
    return {place(block), shape, precision_, device_};
  }

  const Graph& graph_;
  const Plan& plan_;
  Precision precision_;
  Device device_;
  Buffer buffer_;
};

}  // namespace backlight
