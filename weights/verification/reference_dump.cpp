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

ReferenceDump::ReferenceDump(const std::filesystem::path& path) : file_(printable(path.string())) {
  const hdf5::Group root = hdf5::open_file(path);
  root.expect_format("backlight-reference-dump", 1);
  producer_ = root.text("producer");
  architecture_ = root.text("architecture");
  rule_ = known(root, "rule", relu_rule_from_name);
  objective_ = known(root, "objective", objective_from_name);

  expect_only(root, {"input", "target", "logits", "input_gradient", "activations", "gradients",
                     "parameter_gradients"});
  expect_plausible_size(root, path);
  const bool exact = root.dataset("input").element() == hdf5::Element::float64;
  precision_ = exact ? Precision::float64 : Precision::float32;
  add("input", root, "input");
  if (const Shape& shape = input_shape(); shape.rank() != 4 || shape.channels() != 3 || !whole("input"))
    throw Error(entry("input").where() + ": expected shape Nx3xHxW, found " + to_string(shape));
  target_ = std::make_shared<const hdf5::Dataset>(root.dataset("target"));
  expect_shape(target_->where(), {input_shape().batch()}, target_->shape());
  if (target_->element() != hdf5::Element::integer)
    throw Error(target_->where() + ": expected integers, found " + to_string(target_->element()));
  for (const char* name : {"logits", "input_gradient"})
    if (root.contains(name)) add(name, root, name);
  for (const Part part : {Part::activations, Part::gradients, Part::parameter_gradients})
    if (root.contains(group_of(part))) add_part(root, part);
}

void ReferenceDump::add(const std::string& path, const hdf5::Group& group, const std::string& name) {
  const auto entry = std::make_shared<const DumpEntry>(group, name);
  const hdf5::Element element = entry->element();
  if (element == hdf5::Element::integer)
    throw Error(entry->where() + ": expected floating-point elements, found integers");
  if ((element == hdf5::Element::float64) != (precision_ == Precision::float64))
    throw Error(entry->where() + ": expected " + std::string(to_string(precision_)) +
                " elements as the input's, found " + to_string(element));
  entries_[path] = entry;
}

void ReferenceDump::add_part(const hdf5::Group& root, Part part) {
  const hdf5::Group group = root.group(group_of(part));
  std::vector<std::string>& names = names_[static_cast<std::size_t>(part)];
  names = group.names();
  for (const std::string& name : names) add(path(part, name), group, name);
}

const DumpEntry& ReferenceDump::entry(const std::string& path) const {
  const auto found = entries_.find(path);
  if (found == entries_.end()) throw UsageError(file_ + ": the dump has no '" + path + "'");
  return *found->second;
}

std::string ReferenceDump::path(Part part, const std::string& name) { return group_of(part) + "/" + name; }

const Shape& ReferenceDump::input_shape() const { return entry("input").shape(); }

bool ReferenceDump::contains(Part part, const std::string& name) const { return contains(path(part, name)); }
bool ReferenceDump::whole(Part part, const std::string& name) const { return whole(path(part, name)); }

const Shape& ReferenceDump::shape(const std::string& path) const { return entry(path).shape(); }
bool ReferenceDump::whole(const std::string& path) const { return entry(path).whole(); }
DumpTensor ReferenceDump::read(const std::string& path) const { return entry(path).read(); }

std::vector<std::string> ReferenceDump::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, entry] : entries_) paths.push_back(path);
  return paths;
}

std::vector<std::int64_t> ReferenceDump::target(std::int64_t classes) const {
  std::vector<std::int64_t> target = target_->read<std::int64_t>();
  for (const std::int64_t index : target)
    if (index < 0 || index >= classes)
      throw Error(target_->where() + ": expected class indices from 0 to " + std::to_string(classes - 1) +
                  ", found " + std::to_string(index));
  return target;
}

}  // namespace backlight
