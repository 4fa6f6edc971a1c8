#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/graph.h"
#include "engine/parameters.h"
#include "weights/model_info.h"

namespace backlight {

namespace hdf5 {
class Group;
}

/// A file of weights in the native format: what it says about itself, and the tensors, read strictly.
/// It stays open as long as the object or a copy of it.
class WeightFile {
 public:
  struct TensorInfo {
    std::string name;  // as in the state dict: "layer1.0.conv2.weight"
    Shape shape;
    Precision precision;
  };

  /// Opens the file and checks everything that can be checked without reading a tensor. Throws Error where it
  /// is missing, damaged, of another format or a newer version, lacks an attribute, or holds anything but
  /// float32 and float64 datasets whose data are all in the file itself.
  explicit WeightFile(const std::filesystem::path& path);
  /// The network that Backlight ships: `custom_cnn`, trained on Menagerie. It is in the program, not on disk.
  static WeightFile shipped();

  const ModelInfo& info() const { return info_; }
  /// In alphabetical order. No tensor has been read or allocated.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  /// The network that the file says it holds, for a batch of one: from "image" in grey levels to logits.
  /// Throws Error where the architecture is unknown or the input size does not fit it.
  Graph network() const;

  /// All parameters of the graph but its constants. Each is read when it is wanted first, and Error is thrown
  /// then where it cannot be read or holds NaN or infinity (also one that float32 cannot hold). Before that
  /// the manifest is checked: one tensor for each, of its shape, and no tensor besides. Throws Error where
  /// that does not hold.
  Parameters parameters(const Graph& graph, Precision precision = Precision::float32,
                        Device device = Device::cpu) const;
  /// The same, all read at once.
  Parameters read(const Graph& graph, Precision precision = Precision::float32,
                  Device device = Device::cpu) const;

 private:
  WeightFile(std::string path, std::shared_ptr<const hdf5::Group> root);

  std::string path_;
  std::shared_ptr<const hdf5::Group> root_;
  ModelInfo info_;
  std::vector<TensorInfo> tensors_;
};

/// Writes a weight file of all parameters of the graph but its constants, in their precision, wholly or not
/// at all. Throws Error where the description makes no sense, a parameter is missing, has another shape than
/// the graph's or is not finite, or the file cannot be written.
void write_weights(const std::filesystem::path& path, const ModelInfo& info, const Graph& graph,
                   const Parameters& parameters);

}  // namespace backlight
