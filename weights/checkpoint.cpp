#include "weights/checkpoint.h"

#include "engine/elements.h"
#include "engine/error.h"
#include "weights/named_tensors.h"
#include "weights/text.h"

namespace backlight {
namespace {

constexpr auto format = "backlight-checkpoint";
constexpr std::int64_t version = 1;

/// A tensor of the run and the name of its dataset.
struct Entry {
  std::string name;
  Tensor tensor;
};

/// All that a checkpoint holds but the sums, in one order.
std::vector<Entry> entries(const Graph& graph, const Parameters& parameters, const Optimizer& optimizer) {
  std::vector<Entry> all;
  for (const Parameter& parameter : graph.parameters())
    if (parameter.role != ParameterSpec::Role::constant)
      all.push_back({"parameter." + parameter.name, parameters.at(parameter.name)});
  for (const std::string& name : optimizer.state().names())
    all.push_back({"optimizer." + name, optimizer.state().at(name)});
  return all;
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
  for (const auto& [name, tensor] : entries(graph, parameters, optimizer))
    write_tensor(writer, name, tensor, printable(path.string()));
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
  const auto root = std::make_shared<const hdf5::Group>(hdf5::open_file(path));
  root->expect_format(format, version);
  const std::int64_t steps = root->integer("steps");
  if (steps < 0)
    throw Error(root->where() + ": attribute 'steps': expected a number from 0, found " +
                std::to_string(steps));
  const std::vector<Entry> run = entries(graph, parameters, optimizer);
  std::vector<ExpectedTensor> expected;
  for (const auto& [name, tensor] : run) expected.push_back({name, tensor.shape});
  const Parameters read =
      tensors_of(root, expected, parameters.precision(), Device::cpu, Elements::exact, {"sums"});
  for (const std::string& name : read.names()) (void)read.at(name);  // all, before anything is changed
  for (const auto& [name, tensor] : run)
    with_elements(read.at(name), [&, &into = tensor]<class T>(std::span<T> elements) {
      into.assign(std::span<const T>(elements));
    });
  optimizer.set_steps(steps);
}

}  // namespace backlight
