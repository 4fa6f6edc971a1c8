#include "apps/profile/subject.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "apps/options.h"
#include "layers/initialize.h"
#include "layers/network.h"

namespace backlight {
namespace {

/// Names what takes the time from one call of done() to the next.
class Stopwatch {
 public:
  explicit Stopwatch(std::vector<StartUpStep>& steps) : steps_(steps) {}
  void done(const std::string& step) {
    const double now = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    const double start = steps_.empty() ? 0 : steps_.back().start + steps_.back().seconds;
    steps_.push_back({step, start, now - start});
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::vector<StartUpStep>& steps_;
};

NetworkOptions network_options(const ModelInfo& info) {
  return {.input_size = info.input_size,
          .classes = std::ssize(info.classes),
          .normalization = Normalization{info.mean, info.std}};
}

/// An architecture as its paper has it: CIFAR's on 32x32 and 10 classes, ImageNet's on 224x224 and 1000.
ModelInfo info_of(const std::string& architecture, int input_size) {
  const bool cifar = architecture.starts_with("cifar"), own = architecture == "custom_cnn";
  ModelInfo info;
  info.architecture = architecture;
  info.input_size = input_size > 0 ? input_size : cifar ? 32 : own ? 128 : 224;
  for (int i = 0; i < (cifar ? 10 : own ? 5 : 1000); ++i) info.classes.push_back(std::to_string(i));
  info.source = "random weights";
  return info;
}

}  // namespace

std::string_view to_string(Work work) {
  return work == Work::forward          ? "forward"
         : work == Work::image_gradient ? "forward and image gradient"
                                        : "forward and parameter gradients";
}

Subject::Subject(const SubjectOptions& options) : options_(options) {
  Stopwatch watch(start_up_);
  std::optional<WeightFile> file;
  if (options.architecture.empty()) file.emplace(weights_or_shipped(options.weights));
  info_ = file ? file->info() : info_of(options.architecture, options.input_size);
  const Graph network = file ? file->network() : build_network(info_.architecture, network_options(info_));
  const Device device = options.run.device;
  auto parameters =
      std::make_shared<const Parameters>(file ? file->parameters(network, Precision::float32, device)
                                              : initialize(network, 1, Precision::float32, device));
  watch.done(file ? "read" : "make random weights");
  std::optional<ReluRule> rule;
  if (options.work == Work::image_gradient) rule = options.rule;
  if (options.work == Work::parameter_gradient) {
    NetworkOptions training = network_options(info_);
    training.batch = options.batch;
    training.batchnorm = BatchNorm::Mode::training;
    Graph graph = build_network(info_.architecture, training);
    add_loss(graph);
    Differentiation back = differentiate(graph, graph.output(), {}, options.rule, true);
    session_ = std::make_unique<Session>(std::move(graph), std::move(parameters), std::move(back),
                                         options.run.session());
  } else {
    const Model model(info_, network, parameters, options.run);
    parameters.reset();
    watch.done("fold and fuse");
    session_ = model.session(options.batch, rule);
  }
  watch.done("compile");
  session_->prepare();
  watch.done("pack weights");
  set_inputs();
  run();
  watch.done("first run");
}

void Subject::set_inputs() {
  const Graph& graph = session_->graph();
  std::vector<float> images(
      static_cast<std::size_t>(options_.batch * 3 * info_.input_size * info_.input_size));
  for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i * 7919 % 256);
  session_->set("image", std::span<const float>(images));
  if (options_.work == Work::forward) return;
  const auto batch = static_cast<std::size_t>(options_.batch), classes = info_.classes.size();
  std::vector<float> one_hot(batch * classes, 0.0f);
  for (std::size_t n = 0; n < batch; ++n) one_hot[n * classes] = 1;
  if (graph.find("target")) {
    session_->set("target", std::span<const float>(one_hot));
    seed_.assign(batch, 1 / static_cast<float>(batch));
  } else {
    seed_ = std::move(one_hot);
  }
}

void Subject::run() {
  session_->forward();
  if (!seed_.empty()) session_->backward(std::span<const float>(seed_));
}

}  // namespace backlight
