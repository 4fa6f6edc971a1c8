#include "weights/verification/training_dump.h"

#include <cmath>

#include "engine/error.h"
#include "weights/verification/dump_entry.h"

namespace backlight {
namespace {

constexpr const char* format = "backlight-training-dump";

/// Throws Error for an attribute out of its range.
template <class Number>
Number between(const hdf5::Group& group, const std::string& name, Number value, Number least, Number most) {
  if (!(value >= least && value <= most))
    throw Error(group.where() + ": attribute '" + name + "': expected " + std::to_string(least) + " to " +
                std::to_string(most) + ", found " + std::to_string(value));
  return value;
}

std::int64_t integer_between(const hdf5::Group& group, const std::string& name, std::int64_t least,
                             std::int64_t most) {
  return between(group, name, group.integer(name), least, most);
}

double number_between(const hdf5::Group& group, const std::string& name, double least, double most) {
  return between(group, name, group.number(name), least, most);
}

void read_images(const hdf5::Group& root, TrainingDump& dump) {
  const DumpEntry images(root, "images");
  dump.shape = images.shape();
  if (!images.whole() || dump.shape.rank() != 4 || dump.shape.channels() != 3 ||
      dump.shape.height() != dump.shape.width())
    throw Error(images.where() + ": expected shape Mx3xSxS, found " + to_string(dump.shape));
  dump.batch = integer_between(root, "batch", 1, dump.shape.batch());
  if (dump.shape.batch() % dump.batch != 0)
    throw Error(images.where() + ": expected whole batches of " + std::to_string(dump.batch) + ", found " +
                std::to_string(dump.shape.batch()) + " images");
  dump.images = images.read().value;

  const hdf5::Dataset labels = root.dataset("labels");
  expect_shape(labels.where(), {dump.shape.batch()}, labels.shape());
  dump.labels = labels.read<std::int64_t>();
  for (const std::int64_t label : dump.labels)
    if (label < 0 || label >= dump.classes)
      throw Error(labels.where() + ": expected class indices from 0 to " + std::to_string(dump.classes - 1) +
                  ", found " + std::to_string(label));
}

std::map<std::string, DumpTensor> read_tensors(const hdf5::Group& root, const std::string& part) {
  const hdf5::Group group = root.group(part);
  std::map<std::string, DumpTensor> tensors;
  for (const std::string& name : group.names()) tensors[name] = DumpEntry(group, name).read();
  return tensors;
}

TrainingDump::Run read_run(const hdf5::Group& root, OptimizerOptions::Method method) {
  const hdf5::Group group = root.group(std::string(to_string(method)));
  expect_only(group, {"losses"});
  TrainingDump::Run run;
  run.optimizer.method = method;
  run.rate = number_between(group, "rate", 0, 1e3);
  run.optimizer.weight_decay = number_between(group, "weight_decay", 0, 1e3);
  if (method == OptimizerOptions::Method::sgd) {
    run.optimizer.momentum = number_between(group, "momentum", 0, 1);
  } else {
    run.optimizer.beta1 = number_between(group, "beta1", 0, 1);
    run.optimizer.beta2 = number_between(group, "beta2", 0, 1);
    run.optimizer.epsilon = number_between(group, "epsilon", 0, 1);
  }
  const DumpEntry losses(group, "losses");
  if (!losses.whole() || losses.shape().rank() != 1)
    throw Error(losses.where() + ": expected a list, found " + to_string(losses.shape()));
  run.losses = losses.read().value;
  return run;
}

}  // namespace

bool is_training_dump(const std::filesystem::path& path) {
  const hdf5::Group root = hdf5::open_file(path);
  return root.has_attribute("format") && root.text("format") == format;
}

TrainingDump read_training_dump(const std::filesystem::path& path) {
  const hdf5::Group root = hdf5::open_file(path);
  root.expect_format(format, 1);
  expect_only(root, {"images", "labels", "gradients", "statistics", "sgd", "adamw"});
  expect_plausible_size(root, path);
  TrainingDump dump;
  dump.producer = root.text("producer");
  dump.architecture = root.text("architecture");
  dump.seed = static_cast<std::uint64_t>(root.integer("seed"));
  dump.classes = integer_between(root, "classes", 1, 100'000);
  dump.mean = root.triple("mean");
  dump.std = root.triple("std");
  for (std::size_t channel = 0; channel < 3; ++channel)
    if (!std::isfinite(dump.mean[channel]) || !(dump.std[channel] > 0) || std::isinf(dump.std[channel]))
      throw Error(root.where() + ": expected finite attributes 'mean' and 'std', the latter above 0");
  read_images(root, dump);
  dump.gradients = read_tensors(root, "gradients");
  dump.statistics = read_tensors(root, "statistics");
  for (const auto method : {OptimizerOptions::Method::sgd, OptimizerOptions::Method::adamw})
    dump.runs.push_back(read_run(root, method));
  return dump;
}

}  // namespace backlight
