#include "weights/checkpoint.h"

#include "engine/error.h"
#include "weights/finite.h"
#include "weights/hdf5_writer.h"
#include "weights/text.h"

namespace backlight {
namespace {

constexpr auto format = "backlight-checkpoint";
constexpr std::int64_t version = 1;

/// Calls visit(dataset name, tensor) for all that a checkpoint holds, in one order.
template <class Visit>
void for_each_tensor(const Graph& graph, const Parameters& parameters, const Optimizer& optimizer,
                     Visit visit) {
  for (const Parameter& parameter : graph.parameters())
    if (parameter.role != ParameterSpec::Role::constant)
      visit("parameter." + parameter.name, parameters.at(parameter.name));
  for (const std::string& name : optimizer.state().names())
    visit("optimizer." + name, optimizer.state().at(name));
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const CheckpointState& state, const Graph& graph,
                      const Parameters& parameters, const Optimizer& optimizer) {
  hdf5::Writer writer;
  writer.attribute("format", std::string(format));
  writer.attribute("version", version);
  writer.attribute("architecture", state.architecture);
  writer.attribute("settings", state.settings);
  writer.attribute("data", state.data);
  writer.attribute("command", state.command);
  writer.attribute("history", state.history);
  writer.attribute("epoch", state.epoch);
  writer.attribute("place", state.place);
  writer.attribute("steps", optimizer.steps());
  writer.dataset("sums", Shape{std::ssize(state.sums)}, std::span(state.sums));
  for_each_tensor(graph, parameters, optimizer, [&](const std::string& name, const Tensor& tensor) {
    const std::vector<float> values = tensor.copy<float>();
    expect_finite(std::span(values), printable(path.string()) + ": '" + name + "'");
    writer.dataset(name, tensor.shape, std::span(values));
  });
  writer.save(path);
}

CheckpointState read_checkpoint_state(const std::filesystem::path& path) {
  const hdf5::Group root = hdf5::open_file(path);
  root.expect_format(format, version);
  return {.settings = root.text("settings"),
          .data = root.text("data"),
          .command = root.text("command"),
          .history = root.text("history"),
          .architecture = root.text("architecture"),
          .epoch = root.integer("epoch"),
          .place = root.integer("place"),
          .sums = root.dataset("sums").read<double>()};
}

void read_checkpoint(const std::filesystem::path& path, const Graph& graph, Parameters& parameters,
                     Optimizer& optimizer) {
  const hdf5::Group root = hdf5::open_file(path);
  root.expect_format(format, version);
  const std::int64_t steps = root.integer("steps");
  if (steps < 0)
    throw Error(root.where() + ": attribute 'steps': expected a number from 0, found " +
                std::to_string(steps));
  std::size_t count = 1;  // "sums"
  std::vector<std::pair<Tensor, std::vector<float>>> read;
  for_each_tensor(graph, parameters, optimizer, [&](const std::string& name, const Tensor& tensor) {
    const hdf5::Dataset dataset = root.dataset(name);
    if (!(dataset.shape() == tensor.shape))
      throw Error(dataset.where() + ": the network needs " + to_string(tensor.shape) + ", found " +
                  to_string(dataset.shape()));
    read.emplace_back(tensor, dataset.read<float>());
    expect_finite(std::span(read.back().second), dataset.where());
    ++count;
  });
  if (root.names().size() != count)
    throw Error(root.where() + ": expected " + std::to_string(count) +
                " datasets for this network and optimizer, found " + std::to_string(root.names().size()));
  for (const auto& [tensor, values] : read) tensor.assign(std::span(values));
  optimizer.set_steps(steps);
}

}  // namespace backlight
