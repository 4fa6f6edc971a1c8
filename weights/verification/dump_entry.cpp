#include "weights/verification/dump_entry.h"

#include <algorithm>

#include "engine/error.h"
#include "weights/finite.h"
#include "weights/text.h"

namespace backlight {
namespace {

hdf5::Dataset open_value(const hdf5::Group& group, const std::string& name) {
  return group.is_group(name) ? group.group(name).dataset("value") : group.dataset(name);
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

/// Bytes that the tensors of a group take in memory; groups lie at most `depth` deep in a dump.
std::uint64_t declared_bytes(const hdf5::Group& group, int depth) {
  std::uint64_t bytes = 0;
  for (const std::string& name : group.names())
    if (!group.is_group(name))
      bytes += static_cast<std::uint64_t>(group.dataset(name).shape().elements()) * sizeof(double);
    else if (depth > 0)
      bytes += declared_bytes(group.group(name), depth - 1);
  return bytes;
}

}  // namespace

void expect_plausible_size(const hdf5::Group& root, const std::filesystem::path& path) {
  // What networks compute hardly shrinks when it is deflated, but for the zeros of ReLUs; small dumps may be
  // all zeros.
  constexpr std::uint64_t likely = 100, harmless = std::uint64_t{1} << 27;
  const std::uint64_t declared = declared_bytes(root, 2), stored = std::filesystem::file_size(path);
  if (declared > harmless && declared / likely > stored)
    throw Error(root.where() + ": its tensors take " + std::to_string(declared) + " bytes, the file has " +
                std::to_string(stored) + ": what networks compute does not shrink so far");
}

void expect_only(const hdf5::Group& group, const std::vector<std::string>& allowed) {
  for (const std::string& name : group.names())
    if (std::ranges::find(allowed, name) == allowed.end())
      throw Error(group.where() + ": '" + printable(name) + "' is no part of a dump");
}

void expect_shape(const std::string& where, const Shape& expected, const Shape& found) {
  if (!(found == expected))
    throw Error(where + ": expected shape " + to_string(expected) + ", found " + to_string(found));
}

DumpEntry::DumpEntry(const hdf5::Group& group, const std::string& name)
    : value_(open_value(group, name)), shape_(value_.shape()) {
  if (!group.is_group(name)) return;
  const hdf5::Group sample = group.group(name);
  expect_only(sample, {"shape", "index", "value"});
  shape_ = read_shape(sample.dataset("shape"));
  index_ = sample.dataset("index");
  if (index_->element() != hdf5::Element::integer)
    throw Error(index_->where() + ": expected integers, found " + to_string(index_->element()));
  if (index_->shape().rank() != 1)
    throw Error(index_->where() + ": expected a list, found " + to_string(index_->shape()));
  if (index_->shape().elements() > shape_.elements())
    throw Error(index_->where() + ": expected at most the " + std::to_string(shape_.elements()) +
                " elements of the tensor, found " + to_string(index_->shape()));
  expect_shape(value_.where(), index_->shape(), value_.shape());
}

DumpTensor DumpEntry::read() const {
  DumpTensor tensor{shape_, {}, value_.read<double>()};
  if (!all_finite(std::span(tensor.value))) throw Error(value_.where() + ": holds NaN or infinity");
  if (!index_) return tensor;

  tensor.index = index_->read<std::int64_t>();
  std::int64_t least = 0;
  for (const std::int64_t index : tensor.index) {
    if (index < least || index >= shape_.elements())
      throw Error(index_->where() + ": expected ascending indices below " +
                  std::to_string(shape_.elements()) + ", found " + std::to_string(index));
    least = index + 1;
  }
  return tensor;
}

}  // namespace backlight
