#include "engine/parameters.h"

#include "engine/error.h"

namespace backlight {

Tensor Parameters::add(const std::string& name, const Shape& shape) {
  if (contains(name)) throw Error("parameter '" + name + "': there are two of this name");
  Entry entry{shape, Buffer(device_, static_cast<std::size_t>(shape.elements()) * element_bytes(precision_))};
  const Tensor tensor{entry.buffer.data(), shape, precision_};
  entries_.emplace(name, std::move(entry));
  return tensor;
}

Tensor Parameters::at(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw Error("parameter '" + name + "': the weights have none of this name");
  return {found->second.buffer.data(), found->second.shape, precision_};
}

std::vector<std::string> Parameters::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

}  // namespace backlight
