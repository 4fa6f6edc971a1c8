#include "apps/inspection/node_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "layers/pool.h"

namespace backlight {
namespace {

double share(std::size_t count, std::size_t all) {
  return all > 0 ? static_cast<double>(count) / static_cast<double>(all) : 0;
}

}  // namespace

ReluReport relu_report(std::span<const float> output, std::span<const float> gradient) {
  std::size_t active = 0, against = 0, mask = 0, sign = 0, both = 0;
  for (std::size_t i = 0; i < output.size(); ++i) {
    active += output[i] > 0;
    if (gradient.empty()) continue;
    against += output[i] > 0 && gradient[i] < 0;
    mask += output[i] <= 0 && gradient[i] > 0;
    sign += output[i] > 0 && gradient[i] < 0;
    both += output[i] <= 0 && gradient[i] < 0;
  }
  return {share(active, output.size()), share(against, active), share(mask, output.size()),
          share(sign, output.size()), share(both, output.size())};
}

MaxPoolReport max_pool_report(const Node& pool, const Shape& in, const Shape& out, std::span<const float> x) {
  const PoolOptions& o = dynamic_cast<const MaxPool&>(*pool.op).options();
  std::size_t zero = 0, tied = 0;
  for (std::int64_t c = 0; c < out.channels(); ++c)
    for (std::int64_t y = 0; y < out.height(); ++y)
      for (std::int64_t z = 0; z < out.width(); ++z) {
        float largest = -INFINITY;
        int winners = 0;
        bool all_zero = true;
        for (std::int64_t i = 0; i < o.kernel; ++i)
          for (std::int64_t j = 0; j < o.kernel; ++j) {
            const std::int64_t row = y * o.stride - o.padding + i, column = z * o.stride - o.padding + j;
            if (row < 0 || row >= in.height() || column < 0 || column >= in.width()) continue;
            const float number = x[static_cast<std::size_t>((c * in.height() + row) * in.width() + column)];
            winners = number > largest ? 1 : winners + (number == largest);
            largest = std::max(largest, number);
            all_zero = all_zero && number == 0;
          }
        zero += all_zero;
        tied += winners > 1;
      }
  const auto windows = static_cast<std::size_t>(out.elements());
  return {share(zero, windows), share(tied, windows)};
}

Statistics statistics_of(std::span<const float> numbers) {
  if (numbers.empty()) return {};
  double sum = 0, squares = 0;
  std::size_t zeros = 0;
  for (const float number : numbers) {
    sum += static_cast<double>(number);
    squares += static_cast<double>(number) * static_cast<double>(number);
    zeros += number == 0;
  }
  const auto [least, largest] = std::minmax_element(numbers.begin(), numbers.end());
  return {static_cast<double>(*least), static_cast<double>(*largest),
          sum / static_cast<double>(numbers.size()), std::sqrt(squares), share(zeros, numbers.size())};
}

std::vector<std::size_t> strongest_channels(std::span<const float> numbers, std::size_t channels,
                                            std::size_t most) {
  const std::size_t pixels = numbers.size() / channels;
  std::vector<double> norms;
  for (std::size_t c = 0; c < channels; ++c)
    norms.push_back(statistics_of(numbers.subspan(c * pixels, pixels)).norm);
  std::vector<std::size_t> order(channels);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t c) { return norms[c]; });
  order.resize(std::min(channels, most));
  std::ranges::sort(order);
  return order;
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0, squares_a = 0, squares_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]), y = static_cast<double>(b[i]);
    dot += x * y, squares_a += x * x, squares_b += y * y;
  }
  return squares_a > 0 && squares_b > 0 ? dot / std::sqrt(squares_a * squares_b) : 0;
}

NodeReport node_report(const Walk& walk, const Node& node, const Walk* plain) {
  const Graph& graph = walk.graph();
  const std::vector<float> value = walk.value(node.output), gradient = walk.gradient(node.output);
  NodeReport report{.name = node.name,
                    .kind = std::string(node.op->kind()),
                    .description = node.op->description(),
                    .inputs = {},
                    .shape = graph.value(node.output).shape,
                    .value = statistics_of(value),
                    .gradient = {},
                    .cosine = {},
                    .relu = {},
                    .max_pool = {}};
  for (const ValueId input : node.inputs) report.inputs.push_back(graph.value(input).name);
  if (!gradient.empty()) {
    report.gradient = statistics_of(gradient);
    if (plain) report.cosine = cosine(gradient, plain->gradient(node.output));
  }
  if (node.op->decisions() == Decisions::signs) report.relu = relu_report(value, gradient);
  if (node.op->decisions() == Decisions::winners)
    report.max_pool =
        max_pool_report(node, graph.value(node.inputs[0]).shape, report.shape, walk.value(node.inputs[0]));
  return report;
}

std::vector<NodeReport> node_reports(const Walk& walk, const Walk* plain) {
  std::vector<NodeReport> reports;
  for (const Node& node : walk.graph().nodes()) reports.push_back(node_report(walk, node, plain));
  return reports;
}

}  // namespace backlight
