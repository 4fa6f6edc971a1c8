#include "weights/weight_file.h"

#include <map>

#include "engine/error.h"
#include "layers/network.h"
#include "weights/finite.h"
#include "weights/hdf5_writer.h"
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

/// Calls `visit` with the elements of a tensor as a span of its own precision.
template <class Visit>
void with_elements(const Tensor& tensor, Visit visit) {
  const auto count = static_cast<std::size_t>(tensor.shape.elements());
  if (tensor.precision == Precision::float32)
    visit(std::span(tensor.as<float>(), count));
  else
    visit(std::span(tensor.as<double>(), count));
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
    if (dataset.element() == hdf5::Element::int64)
      throw Error(dataset.where() + ": expected float32 or float64 elements, found int64");
    const bool single = dataset.element() == hdf5::Element::float32;
    tensors_.push_back({name, dataset.shape(), single ? Precision::float32 : Precision::float64});
  }
}

void WeightFile::check_manifest(const Graph& graph) const {
  std::map<std::string, Shape> found;
  for (const TensorInfo& tensor : tensors_) found.emplace(tensor.name, tensor.shape);
  std::string first_missing;
  std::size_t missing = 0;
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) continue;
    const auto entry = found.find(parameter.name);
    if (entry == found.end()) {
      if (missing++ == 0) first_missing = parameter.name;
      continue;
    }
    if (!(entry->second == parameter.shape))
      throw Error(path_ + ": dataset '" + parameter.name + "': expected shape " + to_string(parameter.shape) +
                  ", found " + to_string(entry->second));
    found.erase(entry);
  }
  const auto others = [](std::size_t all) {
    return all > 1 ? " (and " + std::to_string(all - 1) + " more)" : std::string();
  };
  if (missing > 0) throw Error(path_ + ": dataset '" + first_missing + "' is missing" + others(missing));
  if (!found.empty())
    throw Error(path_ + ": dataset '" + printable(found.begin()->first) + "' is none of the network's" +
                others(found.size()));
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

Parameters WeightFile::read(const Graph& graph, Precision precision, Device device) const {
  check_manifest(graph);
  Parameters parameters(precision, device);
  for (const TensorInfo& info : tensors_) {
    const hdf5::Dataset dataset = root_->dataset(info.name);
    with_elements(parameters.add(info.name, info.shape), [&](auto elements) {
      dataset.read(elements);
      expect_finite(elements, dataset.where());
    });
  }
  return parameters;
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
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) continue;
    const std::string what = where + ": dataset '" + parameter.name + "'";
    const Tensor tensor = parameters.at(parameter.name);
    if (!(tensor.shape == parameter.shape))
      throw Error(what + ": expected shape " + to_string(parameter.shape) + ", found " +
                  to_string(tensor.shape));
    with_elements(tensor, [&](auto elements) {
      expect_finite(elements, what);
      writer.dataset(parameter.name, parameter.shape, elements);
    });
  }
  writer.save(path);
}

}  // namespace backlight
