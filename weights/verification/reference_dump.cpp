#include "weights/verification/reference_dump.h"

#include <algorithm>

#include "engine/error.h"
#include "weights/text.h"
#include "weights/verification/dump_entry.h"

namespace backlight {

namespace {

using Part = ReferenceDump::Part;

std::string group_of(Part part) {
  constexpr std::array names{"activations", "gradients", "parameter_gradients"};
  return names[static_cast<std::size_t>(part)];
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
  for (const char* name : {"input", "logits", "input_gradient"}) add(name, root, name);
  check_root();
  read_target(root);
  add_part(root, Part::activations);
  add_part(root, Part::gradients);
  if (root.contains(group_of(Part::parameter_gradients))) add_part(root, Part::parameter_gradients);
}

void ReferenceDump::add(const std::string& path, const hdf5::Group& group, const std::string& name) {
  const auto entry = std::make_shared<const DumpEntry>(group, name);
  if (entry->element() != hdf5::element_for(precision_))
    throw Error(entry->where() + ": expected " + std::string(to_string(precision_)) +
                " elements, one precision for the whole dump");
  entries_[path] = entry;
}

void ReferenceDump::check_root() const {
  const DumpEntry &input = entry("input"), &logits = entry("logits"), &gradient = entry("input_gradient");
  const Shape& shape = input.shape();
  if (shape.rank() != 4 || shape.channels() != 3)
    throw Error(input.where() + ": expected shape Nx3xHxW, found " + to_string(shape));
  expect_shape(gradient.where(), shape, gradient.shape());
  if (logits.shape().rank() != 2 || logits.shape().batch() != shape.batch())
    throw Error(logits.where() + ": expected shape " + std::to_string(shape.batch()) + "xC, found " +
                to_string(logits.shape()));
}

void ReferenceDump::read_target(const hdf5::Group& root) {
  const hdf5::Dataset target = root.dataset("target");
  expect_shape(target.where(), {input_shape().batch()}, target.shape());
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
    const std::string path = group_of(part) + "/" + name;
    add(path, group, name);
    const Shape& shape = entry(path).shape();
    const bool of_batch = part != Part::parameter_gradients;
    if (of_batch && (shape.rank() < 2 || shape.batch() != input_shape().batch()))
      throw Error(entry(path).where() + ": expected a batch of " + std::to_string(input_shape().batch()) +
                  " as the input, found shape " + to_string(shape));
    if (part == Part::gradients && contains(Part::activations, name))
      expect_shape(entry(path).where(), this->shape(Part::activations, name), shape);
  }
}

const DumpEntry& ReferenceDump::entry(const std::string& path) const {
  const auto found = entries_.find(path);
  if (found == entries_.end()) throw UsageError(file_ + ": the dump has no '" + path + "'");
  return *found->second;
}

const Shape& ReferenceDump::input_shape() const { return entry("input").shape(); }
std::int64_t ReferenceDump::class_count() const { return entry("logits").shape().channels(); }

bool ReferenceDump::contains(Part part, const std::string& name) const {
  return entries_.count(group_of(part) + "/" + name) != 0;
}

const Shape& ReferenceDump::shape(Part part, const std::string& name) const {
  return entry(group_of(part) + "/" + name).shape();
}

bool ReferenceDump::whole(Part part, const std::string& name) const {
  return entry(group_of(part) + "/" + name).whole();
}

DumpTensor ReferenceDump::read(Part part, const std::string& name) const {
  return entry(group_of(part) + "/" + name).read();
}

DumpTensor ReferenceDump::input() const { return entry("input").read(); }
DumpTensor ReferenceDump::logits() const { return entry("logits").read(); }
DumpTensor ReferenceDump::input_gradient() const { return entry("input_gradient").read(); }

}  // namespace backlight
