#include "engine/parameters.h"

#include "engine/error.h"

namespace backlight {

Tensor Parameters::add(const std::string& name, const Shape& shape) {
  if (contains(name)) throw Error("parameter '" + name + "': there are two of this name");
  Entry entry{shape, Buffer(device_, static_cast<std::size_t>(shape.elements()) * element_bytes(precision_))};
  const Tensor tensor{entry.buffer.data(), shape, precision_, device_};
  entries_.emplace(name, std::move(entry));
  return tensor;
}

Tensor Parameters::at(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw Error("parameter '" + name + "': the weights have none of this name");
  return {found->second.buffer.data(), found->second.shape, precision_, device_};
}

std::vector<std::string> Parameters::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

std::size_t Parameters::bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, entry] : entries_) bytes += entry.buffer.bytes();
  return bytes;
}

void Parameters::changed(const std::string& name) {
  (void)at(name);  // throws where there is none
  ++entries_.find(name)->second.version;
}

void Parameters::changed() {
  for (auto& [name, entry] : entries_) ++entry.version;
}

PreparedParameter& Parameters::prepared(const std::string& name, const std::string& kernel, std::size_t count,
                                        const PreparedParameter::Prepare& prepare) const {
  const std::lock_guard lock(prepared_->mutex);
  PreparedParameter& prepared = prepared_->all[name + "/" + kernel + "/" + std::to_string(count)];
  if (prepared.version_) return prepared;
  (void)at(name);
  prepared.parameter_ = name;
  prepared.prepare_ = prepare;
  prepared.bytes_ = count * element_bytes(precision_);
  prepared.version_ = &entries_.find(name)->second.version;
  return prepared;
}

void Parameters::refresh(PreparedParameter& prepared, const Workers& workers) const {
  const std::lock_guard lock(prepared_->mutex);
  if (!prepared.stale()) return;
  prepared.made_of_ = 0;  // until it is made whole
  if (!prepared.buffer_.data()) prepared.buffer_ = Buffer(device_, prepared.bytes_);
  prepared.prepare_(at(prepared.parameter_), prepared.buffer_.data(), workers);
  prepared.made_of_ = *prepared.version_;
}

}  // namespace backlight
