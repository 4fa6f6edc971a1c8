#include "apps/microscope/specimens.h"

#include <algorithm>
#include <cmath>

#include "engine/differentiate.h"
#include "layers/batchnorm.h"
#include "layers/conv.h"
#include "layers/pool.h"

namespace backlight {
namespace {

struct Place {
  std::int64_t c, y, x;
};

Place place_of(const Shape& shape, std::int64_t index) {
  return {index / shape.pixels(), index % shape.pixels() / shape.width(), index % shape.width()};
}
std::int64_t index_of(const Shape& shape, Place p) {
  return (p.c * shape.height() + p.y) * shape.width() + p.x;
}

/// Collects, value by value.
class Collector {
 public:
  Collector(const WalkRecord& record, const Parameters& parameters)
      : record_(record), graph_(record.graph), parameters_(parameters) {}

  KnownNumbers all() {
    for (ValueId id = 0; id < std::ssize(graph_.values()); ++id) {
      const std::vector<float>& g = record_.gradients[0][static_cast<std::size_t>(id)];
      if (g.empty()) continue;
      const auto strongest = std::ranges::max_element(g, {}, [](float v) { return std::abs(v); });
      spell(id, strongest - g.begin());
    }
    return std::move(known_);
  }

 private:
  void spell(ValueId id, std::int64_t index) {
    value(id, index);
    gradient(id, index);
    if (const NodeId made_by = graph_.value(id).producer; made_by >= 0) forward(made_by, index);
    for (NodeId k = 0; k < std::ssize(graph_.nodes()); ++k)
      for (const ValueId input : graph_.node(k).inputs)
        if (input == id) backward(k, id, index);
  }

  /// What node k read to make the element `index` of its output.
  void forward(NodeId k, std::int64_t index) {
    const Node& node = graph_.node(k);
    const Shape &in = shape(node.inputs[0]), &out = shape(node.output);
    const Place at = place_of(out, index);
    if (const auto* conv = dynamic_cast<const Conv*>(node.op.get())) {
      const ConvOptions& o = conv->options();
      const std::int64_t deep = in.channels() / o.groups, first = at.c / (out.channels() / o.groups) * deep;
      for (std::int64_t d = 0; d < deep; ++d)
        for (std::int64_t i = 0; i < o.kernel_height; ++i)
          for (std::int64_t j = 0; j < o.kernel_width; ++j) {
            const Place read{first + d, at.y * o.stride_y - o.pad_top + i * o.dilation_y,
                             at.x * o.stride_x - o.pad_left + j * o.dilation_x};
            if (!inside(in, read)) continue;
            value(node.inputs[0], index_of(in, read));
            weight(k, ((at.c * deep + d) * o.kernel_height + i) * o.kernel_width + j);
          }
      bias(k, at.c);
    } else if (node.op->kind() == "linear") {
      for (std::int64_t d = 0; d < in.channels(); ++d)
        value(node.inputs[0], d), weight(k, index * in.channels() + d);
      bias(k, index);
    } else if (node.op->kind() == "max_pool" || node.op->kind() == "average_pool") {
      for (const std::int64_t read : window(node, at)) value(node.inputs[0], read);
    } else {
      if (node.op->kind() == "batchnorm") factors(k, at.c);
      for (const ValueId input : node.inputs) value(input, index);
    }
  }

  /// What node k's backward read of its output's gradient to send some to the element `index` of its input.
  void backward(NodeId k, ValueId input, std::int64_t index) {
    const Node& node = graph_.node(k);
    const Shape &in = shape(input), &out = shape(node.output);
    const Place at = place_of(in, index);
    if (const auto* conv = dynamic_cast<const Conv*>(node.op.get())) {
      const ConvOptions& o = conv->options();
      const std::int64_t deep = in.channels() / o.groups, wide = out.channels() / o.groups,
                         group = at.c / deep;
      for (std::int64_t i = 0; i < o.kernel_height; ++i)
        for (std::int64_t j = 0; j < o.kernel_width; ++j) {
          const std::int64_t y = at.y + o.pad_top - i * o.dilation_y,
                             x = at.x + o.pad_left - j * o.dilation_x;
          if (y % o.stride_y != 0 || x % o.stride_x != 0) continue;
          for (std::int64_t r = group * wide; r < (group + 1) * wide; ++r) {
            const Place reader{r, y / o.stride_y, x / o.stride_x};
            if (y < 0 || x < 0 || !inside(out, reader)) continue;
            gradient(node.output, index_of(out, reader));
            weight(k, ((r * deep + at.c % deep) * o.kernel_height + i) * o.kernel_width + j);
          }
        }
    } else if (node.op->kind() == "linear") {
      for (std::int64_t r = 0; r < out.channels(); ++r)
        gradient(node.output, r), weight(k, r * in.channels() + index);
    } else if (node.op->kind() == "max_pool" || node.op->kind() == "average_pool") {
      for (std::int64_t y = 0; y < out.height(); ++y)
        for (std::int64_t x = 0; x < out.width(); ++x) {
          const std::vector<std::int64_t> read = window(node, {at.c, y, x});
          if (std::ranges::find(read, index) == read.end()) continue;
          gradient(node.output, index_of(out, {at.c, y, x}));
          for (const std::int64_t element : read) value(input, element);
        }
    } else {
      if (node.op->kind() == "batchnorm") factors(k, at.c);
      gradient(node.output, index), value(input, index);
    }
  }

  /// The elements of an input that one element of a pool's output is made of.
  std::vector<std::int64_t> window(const Node& node, Place at) const {
    const Shape &in = shape(node.inputs[0]), &out = shape(node.output);
    PoolOptions o{.kernel = 0};
    if (const auto* pool = dynamic_cast<const MaxPool*>(node.op.get())) o = pool->options();
    if (const auto* pool = dynamic_cast<const AveragePool*>(node.op.get())) o = pool->options();
    const bool adaptive = o.kernel == 0;
    const std::int64_t high = adaptive ? in.height() / out.height() : o.kernel,
                       wide = adaptive ? in.width() / out.width() : o.kernel;
    std::vector<std::int64_t> read;
    for (std::int64_t i = 0; i < high; ++i)
      for (std::int64_t j = 0; j < wide; ++j) {
        const Place p{at.c, at.y * (adaptive ? high : o.stride) - o.padding + i,
                      at.x * (adaptive ? wide : o.stride) - o.padding + j};
        if (inside(in, p)) read.push_back(index_of(in, p));
      }
    return read;
  }

  static bool inside(const Shape& shape, Place p) {
    return p.y >= 0 && p.y < shape.height() && p.x >= 0 && p.x < shape.width();
  }
  const Shape& shape(ValueId id) const { return graph_.value(id).shape; }

  void value(ValueId id, std::int64_t index) {
    note("value", id, index, record_.values[static_cast<std::size_t>(id)]);
  }
  void gradient(ValueId id, std::int64_t index) {
    for (std::size_t r = 0; r < three_rules.size(); ++r)
      note(std::string(to_string(three_rules[r])), id, index,
           record_.gradients[r][static_cast<std::size_t>(id)]);
  }
  void weight(NodeId k, std::int64_t index) { note("weight", k, index, parameter(k, 0)); }
  void bias(NodeId k, std::int64_t index) {
    if (graph_.node(k).parameters.size() > 1) note("bias", k, index, parameter(k, 1));
  }
  /// y = factor·x + shift.
  void factors(NodeId k, std::int64_t c) {
    const auto at = static_cast<std::size_t>(c);
    const double epsilon = dynamic_cast<const BatchNorm&>(*graph_.node(k).op).epsilon();
    const double factor = static_cast<double>(parameter(k, 0)[at]) /
                          std::sqrt(static_cast<double>(parameter(k, 3)[at]) + epsilon);
    const auto index = static_cast<std::uint32_t>(c);
    known_["factor " + std::to_string(k)][index] = static_cast<float>(factor);
    known_["shift " + std::to_string(k)][index] = static_cast<float>(
        static_cast<double>(parameter(k, 1)[at]) - factor * static_cast<double>(parameter(k, 2)[at]));
  }
  void note(const std::string& what, int place, std::int64_t index, const std::vector<float>& all) {
    if (!all.empty())
      known_[what + " " + std::to_string(place)][static_cast<std::uint32_t>(index)] =
          all[static_cast<std::size_t>(index)];
  }
  const std::vector<float>& parameter(NodeId k, std::size_t which) {
    const std::string& name = graph_.parameter(graph_.node(k).parameters[which]).name;
    std::vector<float>& numbers = read_[name];
    if (numbers.empty()) {
      const std::vector<double> values = parameters_.values(name);
      numbers.assign(values.begin(), values.end());
    }
    return numbers;
  }

  const WalkRecord& record_;
  const Graph& graph_;
  const Parameters& parameters_;
  std::map<std::string, std::vector<float>> read_;
  KnownNumbers known_;
};

}  // namespace

KnownNumbers spell_out(const WalkRecord& record, const Parameters& parameters) {
  return Collector(record, parameters).all();
}

}  // namespace backlight
