#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/explained_score.h"
#include "apps/image/photo.h"
#include "engine/session.h"
#include "layers/passes/passes.h"
#include "weights/weight_file.h"

namespace backlight {

/// How a command runs a network.
struct RunOptions {
  Device device = Device::cpu;
  Precision precision = Precision::float32;
  int threads = 1;
  std::string kernel = {};
  bool strict = false;  // only plain IEEE multiply-adds
  PassOptions passes = {};
  std::shared_ptr<Tuning> tuning = {};

  SessionOptions session() const {
    return {.device = device, .threads = threads, .kernel = kernel, .strict = strict, .tuning = tuning};
  }
};

/// A network with its weights, folded and fused, from grey levels (the value "image") to logits.
class Model {
 public:
  /// Throws Error where the file is not a good weight file.
  Model(const WeightFile& file, const RunOptions& options);
  Model(const std::filesystem::path& weights, const RunOptions& options)
      : Model(WeightFile(weights), options) {}
  /// A network that is in memory, with its parameters, both as a weight file gives them.
  Model(ModelInfo info, const Graph& graph, const std::shared_ptr<const Parameters>& parameters,
        const RunOptions& options);

  const ModelInfo& info() const { return info_; }
  int classes() const { return static_cast<int>(info_.classes.size()); }
  int input_size() const { return static_cast<int>(info_.input_size); }
  /// Floats of one input image: 3 · input_size · input_size.
  std::size_t image_elements() const {
    return 3 * static_cast<std::size_t>(input_size()) * static_cast<std::size_t>(input_size());
  }
  /// For a batch of one.
  const Graph& graph() const { return graph_; }
  const Parameters& parameters() const { return *parameters_; }

  /// How the weight file says that a photograph is to be resized and cropped.
  Frame frame() const;
  /// What the network sees of it.
  Image prepare(const Image& photo) const;

  /// A session for `batch` images. With a rule, it can send a gradient back, by default from the logits to
  /// "image". With keep_all, every value, gradient and saved byte can be read. Throws UsageError where the
  /// question names what the network does not have.
  std::unique_ptr<Session> session(std::int64_t batch, std::optional<ReluRule> rule = {},
                                   const Question& question = {}, bool keep_all = false) const;
  /// "53 of 53 ReLUs guided": the walk back that session() makes for this rule.
  std::string describe(ReluRule rule, const Question& question = {}) const;

  /// A class by name or, where none is called so, by index. The name may be one of a comma-separated list,
  /// and case does not matter. Throws UsageError, with the nearest names, where there is no such class or
  /// where the name fits several.
  int class_index(std::string_view name_or_index) const;
  const std::string& class_name(int index) const { return info_.classes[static_cast<std::size_t>(index)]; }

 private:
  ModelInfo info_;
  RunOptions options_;
  Graph graph_;
  std::shared_ptr<const Parameters> parameters_;
};

/// The index of the largest of one image's logits; the first of equals.
int argmax(std::span<const float> logits);
/// exp(x − max) / Σ exp(x − max), in float64.
std::vector<double> softmax(std::span<const float> logits);

}  // namespace backlight
