#include "weights/reference_dump.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/error.h"
#include "weights/hdf5.h"
#include "weights/text.h"

namespace backlight {

struct ReferenceDump::Entry {
  Shape shape;
  hdf5::Dataset value;
  std::optional<hdf5::Dataset> index;  // of a sample
};

namespace {

using Part = ReferenceDump::Part;

std::string group_of(Part part) {
  constexpr std::array names{"activations", "gradients", "parameter_gradients"};
  return names[static_cast<std::size_t>(part)];
}

void expect_only(const hdf5::Group& group, const std::vector<std::string>& allowed) {
  for (const std::string& name : group.names())
    if (std::ranges::find(allowed, name) == allowed.end())
      throw Error(group.where() + ": '" + printable(name) + "' is no part of a reference dump");
}

void expect_shape(const hdf5::Dataset& dataset, const Shape& expected, const Shape& found) {
  if (!(found == expected))
    throw Error(dataset.where() + ": expected shape " + to_string(expected) + ", found " + to_string(found));
}

/// The shape that a sample says the whole tensor has.
Shape read_shape(const hdf5::Dataset& extents) {
  constexpr std::int64_t most_axes = 8;
  if (extents.shape().rank() != 1 || extents.shape().elements() > most_axes)
    throw Error(extents.where() + ": expected 1 to 8 extents, found " + to_string(extents.shape()));
  const std::vector<std::int64_t> values = extents.read<std::int64_t>();
  try {
    return Shape(values);
  } catch (const Error& error) {
    throw Error(extents.where() + ": " + error.what());
  }
}

/// A name in an attribute that this program has to know.
template <class Parse>
auto known(const hdf5::Group& root, const std::string& attribute, Parse parse) {
  const std::string name = root.text(attribute);
  try {
    return parse(name);
  } catch (const UsageError&) {
    throw Error(root.where() + ": attribute '" + attribute + "': '" + printable(name) + "' is not known");
  }
}

}  // namespace

Objective objective_from_name(std::string_view name) {
  for (const Objective objective : {Objective::logit, Objective::cross_entropy})
    if (to_string(objective) == name) return objective;
  throw UsageError("objective '" + std::string(name) + "': expected logit or cross_entropy");
}

std::string_view to_string(Objective objective) {
  return objective == Objective::logit ? "logit" : "cross_entropy";
}

ReferenceDump::ReferenceDump(const std::filesystem::path& path) : file_(printable(path.string())) {
  const hdf5::Group root = hdf5::open_file(path);
  root.expect_format("backlight-reference-dump", 1);
  producer_ = root.text("producer");
  architecture_ = root.text("architecture");
  rule_ = known(root, "rule", relu_rule_from_name);
  objective_ = known(root, "objective", objective_from_name);

  expect_only(root, {"input", "target", "logits", "input_gradient", "activations", "gradients",
                     "parameter_gradients"});
  const auto input = root.dataset("input").element();
  precision_ = input == hdf5::Element::float64 ? Precision::float64 : Precision::float32;
  for (const char* name : {"input", "logits", "input_gradient"}) add(name, open_entry(root, name));
  check_root();
  read_target(root);
  add_part(root, Part::activations);
  add_part(root, Part::gradients);
  if (root.contains(group_of(Part::parameter_gradients))) add_part(root, Part::parameter_gradients);
}

ReferenceDump::Entry ReferenceDump::open_entry(const hdf5::Group& group, const std::string& name) {
  if (!group.is_group(name)) {
    hdf5::Dataset value = group.dataset(name);
    return {value.shape(), std::move(value), std::nullopt};
  }
  const hdf5::Group sample = group.group(name);
  expect_only(sample, {"shape", "index", "value"});
  const Shape shape = read_shape(sample.dataset("shape"));
  hdf5::Dataset index = sample.dataset("index"), value = sample.dataset("value");
  if (index.element() != hdf5::Element::int64) throw Error(index.where() + ": expected int64 elements");
  if (index.shape().rank() != 1)
    throw Error(index.where() + ": expected a list, found " + to_string(index.shape()));
  if (index.shape().elements() > shape.elements())
    throw Error(index.where() + ": expected at most the " + std::to_string(shape.elements()) +
                " elements of the tensor, found " + to_string(index.shape()));
  expect_shape(value, index.shape(), value.shape());
  return {shape, std::move(value), std::move(index)};
}

void ReferenceDump::add(const std::string& path, Entry entry) {
  const auto expected = precision_ == Precision::float32 ? hdf5::Element::float32 : hdf5::Element::float64;
  if (entry.value.element() != expected)
    throw Error(entry.value.where() + ": expected " + std::string(to_string(precision_)) +
                " elements, one precision for the whole dump");
  entries_[path] = std::make_shared<const Entry>(std::move(entry));
}

void ReferenceDump::check_root() const {
  const Entry &input = entry("input"), &logits = entry("logits"), &gradient = entry("input_gradient");
  const Shape& shape = input.shape;
  if (shape.rank() != 4 || shape.channels() != 3)
    throw Error(input.value.where() + ": expected shape Nx3xHxW, found " + to_string(shape));
  expect_shape(gradient.value, shape, gradient.shape);
  if (logits.shape.rank() != 2 || logits.shape.batch() != shape.batch())
    throw Error(logits.value.where() + ": expected shape " + std::to_string(shape.batch()) + "xC, found " +
                to_string(logits.shape));
}

void ReferenceDump::read_target(const hdf5::Group& root) {
  const hdf5::Dataset target = root.dataset("target");
  expect_shape(target, {input_shape().batch()}, target.shape());
  target_ = target.read<std::int64_t>();
  for (const std::int64_t index : target_)
    if (index < 0 || index >= class_count())
      throw Error(target.where() + ": expected class indices from 0 to " + std::to_string(class_count() - 1) +
                  ", found " + std::to_string(index));
}

void ReferenceDump::add_part(const hdf5::Group& root, Part part) {
  const hdf5::Group group = root.group(group_of(part));
  std::vector<std::string>& names = names_[static_cast<std::size_t>(part)];
  names = group.names();
  for (const std::string& name : names) {
    Entry entry = open_entry(group, name);
    const Shape& shape = entry.shape;
    const bool of_batch = part != Part::parameter_gradients;
    if (of_batch && (shape.rank() < 2 || shape.batch() != input_shape().batch()))
      throw Error(entry.value.where() + ": expected a batch of " + std::to_string(input_shape().batch()) +
                  " as the input, found shape " + to_string(shape));
    if (part == Part::gradients && contains(Part::activations, name))
      expect_shape(entry.value, this->shape(Part::activations, name), shape);
    add(group_of(part) + "/" + name, std::move(entry));
  }
}

const ReferenceDump::Entry& ReferenceDump::entry(const std::string& path) const {
  const auto found = entries_.find(path);
  if (found == entries_.end()) throw UsageError(file_ + ": the dump has no '" + path + "'");
  return *found->second;
}

const Shape& ReferenceDump::input_shape() const { return entry("input").shape; }
std::int64_t ReferenceDump::class_count() const { return entry("logits").shape.channels(); }

bool ReferenceDump::contains(Part part, const std::string& name) const {
  return entries_.count(group_of(part) + "/" + name) != 0;
}

const Shape& ReferenceDump::shape(Part part, const std::string& name) const {
  return entry(group_of(part) + "/" + name).shape;
}

bool ReferenceDump::whole(Part part, const std::string& name) const {
  return !entry(group_of(part) + "/" + name).index;
}

DumpTensor ReferenceDump::read(Part part, const std::string& name) const {
  return read(group_of(part) + "/" + name);
}

DumpTensor ReferenceDump::input() const { return read("input"); }
DumpTensor ReferenceDump::logits() const { return read("logits"); }
DumpTensor ReferenceDump::input_gradient() const { return read("input_gradient"); }

DumpTensor ReferenceDump::read(const std::string& path) const {
  const Entry& source = entry(path);
  DumpTensor tensor{source.shape, {}, source.value.read<double>()};
  for (const double value : tensor.value)
    if (!std::isfinite(value)) throw Error(source.value.where() + ": holds NaN or infinity");
  if (!source.index) return tensor;

  tensor.index = source.index->read<std::int64_t>();
  std::int64_t least = 0;
  for (const std::int64_t index : tensor.index) {
    if (index < least || index >= source.shape.elements())
      throw Error(source.index->where() + ": expected ascending indices below " +
                  std::to_string(source.shape.elements()) + ", found " + std::to_string(index));
    least = index + 1;
  }
  return tensor;
}

}  // namespace backlight
