#include "apps/microscope/node_description.h"

#include <set>

#include "engine/error.h"
#include "layers/batchnorm.h"
#include "layers/conv.h"
#include "layers/normalize.h"
#include "layers/pool.h"

namespace backlight {
namespace {

nlohmann::json pool_json(const PoolOptions& o) {
  return {{"kernel", o.kernel}, {"stride", o.stride}, {"pad", o.padding}, {"count_padding", o.count_padding}};
}

/// What sets a node apart from others of its kind.
nlohmann::json particulars(const Op& op) {
  if (const auto* conv = dynamic_cast<const Conv*>(&op)) {
    const ConvOptions& o = conv->options();
    return {{"kernel", {o.kernel_height, o.kernel_width}},
            {"stride", {o.stride_y, o.stride_x}},
            {"pad", {o.pad_top, o.pad_left}},
            {"dilation", {o.dilation_y, o.dilation_x}},
            {"groups", o.groups}};
  }
  if (const auto* pool = dynamic_cast<const MaxPool*>(&op)) return pool_json(pool->options());
  if (const auto* pool = dynamic_cast<const AveragePool*>(&op)) return pool_json(pool->options());
  if (const auto* norm = dynamic_cast<const BatchNorm*>(&op)) return {{"epsilon", norm->epsilon()}};
  if (const auto* norm = dynamic_cast<const Normalize*>(&op))
    return {{"mean", norm->mean()}, {"std", norm->std()}};
  static const std::set<std::string_view> plain{"relu",    "average_pool", "add",   "shortcut",
                                                "flatten", "dropout",      "linear"};
  if (!plain.contains(op.kind()))
    throw Error("the microscope does not know nodes of kind " + std::string(op.kind()));
  return nlohmann::json::object();
}

}  // namespace

nlohmann::json shape_json(const Shape& shape) { return {shape.channels(), shape.height(), shape.width()}; }

nlohmann::json describe_node(const Graph& graph, const Node& node) {
  nlohmann::json json = particulars(*node.op);
  json["name"] = node.name;
  json["kind"] = node.op->kind();
  json["description"] = node.op->description();
  json["inputs"] = node.inputs;
  json["shape"] = shape_json(graph.value(node.output).shape);
  json["parameters"] = nlohmann::json::object();
  return json;
}

}  // namespace backlight
