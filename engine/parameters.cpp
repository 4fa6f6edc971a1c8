#include "engine/parameters.h"

#include <algorithm>

#include "engine/error.h"

namespace backlight {

Parameters::Entry& Parameters::insert(const std::string& name, const Shape& shape) {
  const auto [place, inserted] = entries_.try_emplace(name, Entry{shape});
  if (!inserted) throw Error("parameter '" + name + "': there are two of this name");
  return place->second;
}

Tensor Parameters::add(const std::string& name, const Shape& shape) {
  const Entry& entry = insert(name, shape);
  try {
    reserve(entry);
  } catch (...) {
    entries_.erase(name);
    throw;
  }
  entry.made = true;
  return tensor(entry, entry.buffer);
}

void Parameters::add(const std::string& name, const Shape& shape, Source source) {
  insert(name, shape).source = std::move(source);
}

const Parameters::Entry& Parameters::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) throw Error("parameter '" + name + "': the weights have none of this name");
  return found->second;
}

void Parameters::reserve(const Entry& entry) const {
  if (!entry.buffer.data()) entry.buffer = Buffer(device_, bytes_of(entry));
}

void Parameters::make(const Entry& entry) const {
  if (entry.made) return;
  reserve(entry);
  fill(entry, tensor(entry, entry.buffer));
  entry.made = true;
}

/// A source writes into the host's memory.
void Parameters::fill(const Entry& entry, const Tensor& into) const {
  if (into.device == Device::cpu) return entry.source(into);
  const Buffer host(Device::cpu, into.bytes());
  entry.source({host.data(), into.shape, into.precision, Device::cpu});
  memory_of(into.device).upload(host.data(), into.data, into.bytes());
}

Tensor Parameters::at(const std::string& name) const {
  const Entry& entry = this->entry(name);
  const std::lock_guard lock(shared_->mutex);
  make(entry);
  return tensor(entry, entry.buffer);
}

Tensor Parameters::place(const std::string& name) const {
  const Entry& entry = this->entry(name);
  const std::lock_guard lock(shared_->mutex);
  reserve(entry);
  return tensor(entry, entry.buffer);
}

void Parameters::read(const std::string& name, const Tensor& into) const {
  const Entry& entry = this->entry(name);
  const std::lock_guard lock(shared_->mutex);
  if (!entry.made) return entry.source(into);
  memory_of(device_).download(entry.buffer.data(), into.data, into.bytes());
}

std::vector<double> Parameters::values(const std::string& name) const {
  const Buffer host(Device::cpu, bytes_of(entry(name)));
  const Tensor elements{host.data(), shape(name), precision_, Device::cpu};
  read(name, elements);
  return elements.copy<double>();
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

std::size_t Parameters::bytes_to_come() const {
  std::size_t bytes = 0;
  for (const auto& [name, entry] : entries_)
    if (!entry.made) bytes += entry.buffer.bytes();
  return bytes;
}

void Parameters::changed(const std::string& name) {
  (void)entry(name);  // throws where there is none
  ++entries_.find(name)->second.version;
}

void Parameters::changed() {
  for (auto& [name, entry] : entries_) ++entry.version;
}

PreparedParameter& Parameters::prepared(const std::string& name, const std::string& kernel, std::size_t count,
                                        const PreparedParameter::Prepare& prepare) const {
  const Entry& entry = this->entry(name);
  const std::lock_guard lock(shared_->mutex);
  PreparedParameter& prepared = shared_->prepared[name + "/" + kernel + "/" + std::to_string(count)];
  if (prepared.version_) return prepared;
  prepared.parameter_ = name;
  prepared.prepare_ = prepare;
  prepared.bytes_ = count * element_bytes(precision_);
  prepared.version_ = &entry.version;
  return prepared;
}

void Parameters::refresh(std::span<PreparedParameter* const> prepared, const Workers& workers) const {
  const std::lock_guard lock(shared_->mutex);
  for (const auto& [name, entry] : entries_)
    if (entry.buffer.data()) make(entry);

  // One piece of memory for all that is made only to be packed.
  std::size_t largest = 0;
  for (const PreparedParameter* one : prepared)
    if (const Entry& entry = this->entry(one->parameter_); one->stale() && !entry.made)
      largest = std::max(largest, bytes_of(entry));
  const Buffer passing = largest ? Buffer(device_, largest) : Buffer();

  for (const PreparedParameter* first : prepared) {
    if (!first->stale()) continue;
    const Entry& entry = this->entry(first->parameter_);
    const Tensor weights = tensor(entry, entry.made ? entry.buffer : passing);
    if (!entry.made) fill(entry, weights);
    for (PreparedParameter* one : prepared) {
      if (one->version_ != first->version_ || !one->stale()) continue;
      one->made_of_ = 0;  // until it is made whole
      if (!one->buffer_.data()) one->buffer_ = Buffer(device_, one->bytes_);
      one->prepare_(weights, one->buffer_.data(), workers);
      one->made_of_ = entry.version;
    }
  }
}

}  // namespace backlight
