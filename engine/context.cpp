#include "engine/context.h"

#include "engine/session.h"

namespace backlight {

Tensor Context::input(int index) const {
  return session_.value_tensor(node_.inputs[static_cast<std::size_t>(index)]);
}
Tensor Context::output() const { return session_.value_tensor(node_.output); }
Shape Context::input_shape(int index) const {
  return session_.graph_.value(node_.inputs[static_cast<std::size_t>(index)]).shape;
}
Shape Context::output_shape() const { return session_.graph_.value(node_.output).shape; }

Tensor Context::parameter(int index) const {
  if (index >= static_cast<int>(node_.parameters.size())) return {};
  const ParameterId id = node_.parameters[static_cast<std::size_t>(index)];
  return session_.parameter_tensors_[static_cast<std::size_t>(id)];
}

Saved Context::saved() const {
  const int block = session_.plan_.saved[static_cast<std::size_t>(&node_ - session_.graph_.nodes().data())];
  if (block == Plan::none) return {};
  return {session_.arena_.data() + session_.plan_.blocks[static_cast<std::size_t>(block)].offset};
}

Tensor Context::saved(std::int64_t offset, const Shape& shape) const {
  const Saved all = saved();
  if (!all.data) return {};
  return {all.data + static_cast<std::size_t>(offset) * element_bytes(precision()), shape, precision()};
}

Precision Context::precision() const { return session_.precision(); }
Device Context::device() const { return session_.options_.device; }
std::string_view Context::forced_kernel() const { return session_.options_.kernel; }

Workers Context::workers(std::size_t scratch_bytes) const {
  const std::size_t slice = (scratch_bytes + 63) / 64 * 64;
  const std::size_t needed = slice * static_cast<std::size_t>(session_.options_.threads);
  if (session_.scratch_.bytes() < needed) session_.scratch_ = Buffer(device(), needed);
  return {session_.options_.threads, session_.scratch_.data(), slice};
}

std::pair<void*, bool> Context::prepared_memory(const void* key, std::size_t count) const {
  Buffer& buffer = session_.prepared_[{&node_, key}];
  const bool fresh = buffer.bytes() == 0;
  if (fresh) buffer = Buffer(device(), count * element_bytes(precision()));
  return {buffer.data(), fresh};
}

ReluRule BackwardContext::rule() const { return session_.differentiation_->rule; }
Tensor BackwardContext::output_gradient() const { return session_.gradient_tensor(node_.output); }
bool BackwardContext::wants_input(int index) const {
  return session_.differentiation_->steps[step_].inputs[static_cast<std::size_t>(index)];
}
Tensor BackwardContext::input_gradient(int index) const {
  return session_.gradient_tensor(node_.inputs[static_cast<std::size_t>(index)]);
}
Write BackwardContext::write(int index) const {
  return session_.plan_.writes[step_][static_cast<std::size_t>(index)];
}
bool BackwardContext::wants_parameters() const { return session_.differentiation_->steps[step_].parameters; }
Tensor BackwardContext::parameter_gradient(int index) const {
  if (index >= static_cast<int>(node_.parameters.size())) return {};
  const auto id = static_cast<std::size_t>(node_.parameters[static_cast<std::size_t>(index)]);
  return session_.block_tensor(session_.plan_.parameter_gradients[id],
                               session_.graph_.parameters()[id].shape);
}

}  // namespace backlight
