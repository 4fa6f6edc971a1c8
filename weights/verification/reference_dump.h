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

namespace backlight {

namespace hdf5 {
class Group;
}
class DumpEntry;

/// What was differentiated: the sum over the batch of the target logits, or of −log softmax[target].
enum class Objective { logit, cross_entropy };

/// "logit", "cross_entropy". Throws UsageError for another name.
Objective objective_from_name(std::string_view name);
std::string_view to_string(Objective objective);

/// What another program computed for one network, one input and one objective, node by node: a reference
/// dump, version 1. Names, shapes, types and sizes are checked when the file is opened, values when they are
/// read. It stays open as long as the object or a copy of it.
class ReferenceDump {
 public:
  enum class Part { activations, gradients, parameter_gradients };

  /// Throws Error where the file is missing, damaged, of another format or a newer version; has an unknown
  /// rule or objective; lacks something or holds something that is no part of a dump; or contradicts itself:
  /// another batch than the input's, a gradient of another shape than its value, a target that is no class,
  /// float32 beside float64, or a sample of another number of indices than values.
  explicit ReferenceDump(const std::filesystem::path& path);

  const std::string& producer() const { return producer_; }
  const std::string& architecture() const { return architecture_; }
  ReluRule rule() const { return rule_; }
  Objective objective() const { return objective_; }
  Precision precision() const { return precision_; }
  /// N,3,H,W, after normalisation.
  const Shape& input_shape() const;
  /// For each image of the batch a class index, below class_count().
  const std::vector<std::int64_t>& target() const { return target_; }
  std::int64_t class_count() const;

  /// The nodes or parameters that this part of the dump holds, in alphabetical order.
  const std::vector<std::string>& names(Part part) const { return names_[static_cast<std::size_t>(part)]; }
  bool contains(Part part, const std::string& name) const;
  /// Without reading its values; and whether it is whole. Throw UsageError where there is none of that name.
  const Shape& shape(Part part, const std::string& name) const;
  bool whole(Part part, const std::string& name) const;

  /// Throw Error where the data cannot be read, hold NaN or infinity, or the indices do not ascend within the
  /// shape; UsageError where there is none of that name. The input is always whole.
  DumpTensor read(Part part, const std::string& name) const;
  DumpTensor input() const;
  DumpTensor logits() const;
  DumpTensor input_gradient() const;

 private:
  void add(const std::string& path, const hdf5::Group& group, const std::string& name);
  void add_part(const hdf5::Group& root, Part part);
  void check_root() const;
  void read_target(const hdf5::Group& root);
  const DumpEntry& entry(const std::string& path) const;

  std::string file_, producer_, architecture_;
  ReluRule rule_ = ReluRule::gradient;
  Objective objective_ = Objective::logit;
  Precision precision_ = Precision::float32;
  std::vector<std::int64_t> target_;
  std::array<std::vector<std::string>, 3> names_;                    // of each part
  std::map<std::string, std::shared_ptr<const DumpEntry>> entries_;  // by path: "input", "gradients/layer1.0"
};

}  // namespace backlight
