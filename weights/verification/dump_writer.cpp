#include "weights/verification/dump_writer.h"

#include <algorithm>

#include "weights/hdf5/writer.h"

namespace backlight {
namespace {

/// The best class of every image, or the one that is asked for.
std::vector<std::int64_t> targets(const DumpRequest& request, const Shape& shape,
                                  const std::vector<double>& logits) {
  std::vector<std::int64_t> target(static_cast<std::size_t>(shape.batch()), request.target);
  for (std::size_t n = 0; request.target < 0 && n < target.size(); ++n) {
    const auto first = logits.begin() + static_cast<std::ptrdiff_t>(n) * shape.channels();
    target[n] = std::max_element(first, first + shape.channels()) - first;
  }
  return target;
}

/// Every value and gradient of a session that has run, each as soon as it is read.
template <class T>
void write_tensors(hdf5::Writer& writer, const Session& session, const Graph& network) {
  const auto write = [&](const std::string& path, const Shape& shape, const std::vector<T>& values) {
    writer.dataset(path, shape, std::span<const T>(values));
  };
  const Value &input = network.value(network.at("input")), &logits = network.value(network.output());
  write("input", input.shape, session.value<T>("input"));
  write("logits", logits.shape, session.value<T>(logits.name));
  write("input_gradient", input.shape, session.gradient<T>("input"));
  for (const Value& value : network.values()) {
    if (value.producer < 0) continue;
    write("activations/" + value.name, value.shape, session.value<T>(value.name));
    write("gradients/" + value.name, value.shape, session.gradient<T>(value.name));
  }
}

}  // namespace

std::vector<std::int64_t> write_reference_dump(const std::filesystem::path& path, const DumpRequest& request,
                                               const Graph& network,
                                               std::shared_ptr<const Parameters> parameters,
                                               SessionOptions options) {
  const Value& logits = network.value(network.output());
  const Precision precision = parameters->precision();
  Graph graph = network;
  const ValueId objective = add_objective(graph, request.objective);
  auto back = differentiate(graph, objective, {graph.at("input")}, request.rule);
  options.keep_all = true;
  Session session(std::move(graph), std::move(parameters), std::move(back), options);

  session.set("input", std::span<const double>(request.input));
  const auto set_labels = [&](const std::vector<std::int64_t>& classes) {
    const std::vector<double> labels(classes.begin(), classes.end());
    if (request.objective == Objective::cross_entropy) session.set("target", std::span<const double>(labels));
  };
  set_labels(std::vector<std::int64_t>(static_cast<std::size_t>(logits.shape.batch())));
  session.forward();
  const std::vector<std::int64_t> target = targets(request, logits.shape, session.value<double>(logits.name));
  set_labels(target);
  session.forward();
  session.backward(
      std::span<const double>(objective_seed(request.objective, logits.shape.channels(), target)));

  hdf5::Writer writer;
  writer.attribute("format", std::string("backlight-reference-dump"));
  writer.attribute("version", std::int64_t{1});
  writer.attribute("producer", request.producer);
  writer.attribute("architecture", request.architecture);
  writer.attribute("rule", std::string(to_string(request.rule)));
  writer.attribute("objective", std::string(to_string(request.objective)));
  writer.dataset("target", {logits.shape.batch()}, std::span<const std::int64_t>(target));
  writer.group("activations");
  writer.group("gradients");
  if (precision == Precision::float64)
    write_tensors<double>(writer, session, network);
  else
    write_tensors<float>(writer, session, network);
  writer.save(path);
  return target;
}

}  // namespace backlight
