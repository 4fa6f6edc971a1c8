#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/differentiate.h"
#include "engine/shape.h"
#include "engine/tensor.h"
#include "weights/verification/dump_tensor.h"
#include "weights/verification/objective.h"

namespace backlight {

namespace hdf5 {
class Dataset;
class Group;
}  // namespace hdf5
class DumpEntry;

/// What another program computed for one network, one input and one objective, node by node: a reference
/// dump, version 1. Types and sizes are checked when the file is opened, values when they are read; whether
/// the shapes are those of a network is for who has one. It stays open as long as the object or a copy of it.
class ReferenceDump {
 public:
  enum class Part { activations, gradients, parameter_gradients };

  /// Throws Error where the file is missing, damaged, of another format or a newer version; has an unknown
  /// rule or objective; lacks `input` or `target` or holds something that is no part of a dump; contradicts
  /// itself: a target for another batch than the input's, float64 beside something else, or a sample of
  /// another number of indices than values; or declares far more than the file can hold.
  explicit ReferenceDump(const std::filesystem::path& path);

  /// How messages call the file.
  const std::string& file() const { return file_; }
  const std::string& producer() const { return producer_; }
  const std::string& architecture() const { return architecture_; }
  ReluRule rule() const { return rule_; }
  Objective objective() const { return objective_; }
  /// float64, or float32 for anything less.
  Precision precision() const { return precision_; }
  /// N,3,H,W, after normalisation.
  const Shape& input_shape() const;

  /// The nodes or parameters that this part of the dump holds, in alphabetical order.
  const std::vector<std::string>& names(Part part) const { return names_[static_cast<std::size_t>(part)]; }
  bool contains(Part part, const std::string& name) const;
  /// Without reading its values; and whether it is whole. Throw UsageError where there is none of that name.
  const Shape& shape(Part part, const std::string& name) const { return shape(path(part, name)); }
  bool whole(Part part, const std::string& name) const;

  // The same by path: "input", "logits", "input_gradient", "gradients/layer1.0".
  static std::string path(Part part, const std::string& name);
  bool contains(const std::string& path) const { return entries_.count(path) != 0; }
  const Shape& shape(const std::string& path) const;
  bool whole(const std::string& path) const;
  /// All paths, in alphabetical order.
  std::vector<std::string> paths() const;

  /// Throw Error where the data cannot be read, hold NaN or infinity, or the indices do not ascend within the
  /// shape; UsageError where there is none of that name. The input is always whole.
  DumpTensor read(const std::string& path) const;
  DumpTensor read(Part part, const std::string& name) const { return read(path(part, name)); }
  DumpTensor input() const { return read("input"); }
  /// For each image of the batch a class index. Throws Error where it cannot be read, or one is not below
  /// `classes`.
  std::vector<std::int64_t> target(std::int64_t classes) const;

 private:
  void add(const std::string& path, const hdf5::Group& group, const std::string& name);
  void add_part(const hdf5::Group& root, Part part);
  const DumpEntry& entry(const std::string& path) const;

  std::string file_, producer_, architecture_;
  ReluRule rule_ = ReluRule::gradient;
  Objective objective_ = Objective::logit;
  Precision precision_ = Precision::float32;
  std::shared_ptr<const hdf5::Dataset> target_;
  std::array<std::vector<std::string>, 3> names_;                    // of each part
  std::map<std::string, std::shared_ptr<const DumpEntry>> entries_;  // by path: "input", "gradients/layer1.0"
};

}  // namespace backlight
