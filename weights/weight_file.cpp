#include "weights/weight_file.h"

#include "engine/error.h"
#include "layers/network.h"
#include "weights/named_tensors.h"
#include "weights/shipped.h"
#include "weights/text.h"

namespace backlight {
namespace {

constexpr auto format = "backlight-weights";
constexpr std::int64_t version = 1;

ModelInfo read_info(const hdf5::Group& root) {
  root.expect_format(format, version);
  ModelInfo info{.architecture = root.text("architecture"),
                 .classes = root.texts("classes"),
                 .input_size = root.integer("input_size"),
                 .resize = root.integer("resize"),
                 .mean = root.triple("mean"),
                 .std = root.triple("std"),
                 .source = root.text("source"),
                 .source_sha256 = root.text("source_sha256"),
                 .license = root.text("license"),
                 .producer = root.text("producer"),
                 .training = root.has_attribute("training") ? root.text("training") : ""};
  check(info, root.where());
  return info;
}

/// What a weight file of the graph holds.
std::vector<ExpectedTensor> expected_tensors(const Graph& graph) {
  std::vector<ExpectedTensor> expected;
  for (const Parameter& parameter : graph.parameters())
    if (parameter.role != ParameterSpec::Role::constant)
      expected.push_back({parameter.name, parameter.shape});
  return expected;
}

}  // namespace

WeightFile::WeightFile(const std::filesystem::path& path)
    : WeightFile(printable(path.string()), std::make_shared<hdf5::Group>(hdf5::open_file(path))) {}

WeightFile WeightFile::shipped() {
  const std::string name = "the network that Backlight ships";
  return {name, std::make_shared<hdf5::Group>(hdf5::open_image(shipped_weights(), name))};
}

WeightFile::WeightFile(std::string path, std::shared_ptr<const hdf5::Group> root)
    : path_(std::move(path)), root_(std::move(root)), info_(read_info(*root_)) {
  for (const std::string& name : root_->names()) {
    const hdf5::Dataset dataset = root_->dataset(name);
    if (dataset.element() == hdf5::Element::integer)
      throw Error(dataset.where() + ": expected floating-point elements, found integers");
    const bool is_double = dataset.element() == hdf5::Element::float64;
    tensors_.push_back({name, dataset.shape(), is_double ? Precision::float64 : Precision::float32});
  }
}

Graph WeightFile::network() const {
  try {
    return build_network(info_.architecture, {.input_size = info_.input_size,
                                              .classes = std::ssize(info_.classes),
                                              .normalization = Normalization{info_.mean, info_.std}});
  } catch (
      const std::runtime_error& error) {  // also an unknown architecture: here it is bad data, not bad usage
    throw Error(path_ + ": " + error.what());
  }
}

Parameters WeightFile::parameters(const Graph& graph, Precision precision, Device device) const {
  return tensors_of(root_, expected_tensors(graph), precision, device);
}

Parameters WeightFile::read(const Graph& graph, Precision precision, Device device) const {
  Parameters all = parameters(graph, precision, device);
  for (const std::string& name : all.names()) (void)all.at(name);
  return all;
}

void write_weights(const std::filesystem::path& path, const ModelInfo& info, const Graph& graph,
                   const Parameters& parameters) {
  const std::string where = printable(path.string());
  check(info, where);
  hdf5::Writer writer;
  writer.attribute("format", std::string(format));
  writer.attribute("version", version);
  writer.attribute("architecture", info.architecture);
  writer.attribute("classes", info.classes);
  writer.attribute("input_size", info.input_size);
  writer.attribute("resize", info.resize);
  writer.attribute("mean", info.mean);
  writer.attribute("std", info.std);
  writer.attribute("source", info.source);
  writer.attribute("source_sha256", info.source_sha256);
  writer.attribute("license", info.license);
  writer.attribute("producer", info.producer);
  if (!info.training.empty()) writer.attribute("training", info.training);
  for (const auto& [name, shape] : expected_tensors(graph)) {
    const Tensor tensor = parameters.at(name);
    if (!(tensor.shape == shape))
      throw Error(where + ": dataset '" + name + "': expected shape " + to_string(shape) + ", found " +
                  to_string(tensor.shape));
    write_tensor(writer, name, tensor, where);
  }
  writer.save(path);
}

}  // namespace backlight
