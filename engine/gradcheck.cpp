#include "engine/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>

#include "engine/error.h"

namespace backlight {
namespace {

double uniform(std::mt19937& random) { return static_cast<double>(random()) / 2147483648.0 - 1; }

std::shared_ptr<Parameters> in_float64(const Graph& graph, const Parameters& given, Device device) {
  auto result = std::make_shared<Parameters>(Precision::float64, device);
  for (const Parameter& parameter : graph.parameters())
    if (parameter.role != ParameterSpec::Role::constant)
      result->add(parameter.name, parameter.shape)
          .assign(std::span<const double>(given.at(parameter.name).copy<double>()));
  return result;
}

/// The function f, and the decisions that were taken on the way.
class Function {
 public:
  Function(Session& session, const std::string& target, std::vector<double> seed)
      : session_(session), target_(target), seed_(std::move(seed)) {}

  double operator()() {
    session_.forward();
    const std::vector<double> y = session_.value<double>(target_);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += seed_[i] * y[i];
    return sum;
  }
  double size() {
    (*this)();
    const std::vector<double> y = session_.value<double>(target_);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += std::abs(seed_[i] * y[i]);
    return sum;
  }
  /// Signs and winners of the last run.
  std::vector<std::uint8_t> decisions() const {
    std::vector<std::uint8_t> all;
    for (NodeId id = 0; id < static_cast<NodeId>(session_.graph().nodes().size()); ++id) {
      if (session_.graph().node(id).op->decisions() == Decisions::none) continue;
      const auto saved = session_.saved(id);
      all.insert(all.end(), saved.begin(), saved.end());
    }
    return all;
  }

 private:
  Session& session_;
  std::string target_;
  std::vector<double> seed_;
};

/// One tensor to move: where its elements are, and how a change reaches the session.
struct Moved {
  std::string name;
  std::vector<double> elements, analytic;
  std::function<void(const std::vector<double>&)> set;
};

std::vector<std::size_t> chosen(std::size_t count, std::size_t most, std::mt19937& random) {
  std::vector<std::size_t> indices;
  if (count <= most)
    for (std::size_t i = 0; i < count; ++i) indices.push_back(i);
  else
    for (std::size_t i = 0; i < most; ++i) indices.push_back(random() % count);
  return indices;
}

void check(Moved& moved, Function& f, double floor, const std::vector<std::uint8_t>& decisions,
           const GradcheckOptions& options, std::mt19937& random, GradcheckReport& report) {
  for (const std::size_t i :
       chosen(moved.elements.size(), static_cast<std::size_t>(options.elements), random)) {
    const double x = moved.elements[i];
    // The step that is taken is the one that the two sums in floating point are apart.
    const double h = options.step * std::max(1.0, std::abs(x)), high = x + h, low = x - h;
    double value[2];
    bool kink = false;
    for (const bool up : {false, true}) {
      moved.elements[i] = up ? high : low;
      moved.set(moved.elements);
      value[up] = f();
      kink = kink || f.decisions() != decisions;
    }
    moved.elements[i] = x;
    if (kink) {
      ++report.skipped;
      continue;
    }
    ++report.checked;
    const double numeric = (value[1] - value[0]) / (high - low), analytic = moved.analytic[i];
    const double error =
        std::abs(analytic - numeric) / std::max({std::abs(analytic), std::abs(numeric), floor});
    if (error <= report.worst && !report.where.empty()) continue;
    report.worst = std::isnan(error) ? INFINITY : error;
    report.where = moved.name + "[" + std::to_string(i) + "]";
    report.analytic = analytic;
    report.numeric = numeric;
  }
  moved.set(moved.elements);
}

}  // namespace

GradcheckReport gradcheck(const Graph& graph, const Parameters& given,
                          const std::map<std::string, std::vector<double>>& inputs,
                          const Differentiation& differentiation, const GradcheckOptions& options) {
  if (differentiation.rule != ReluRule::gradient)
    throw UsageError("gradcheck: the rule '" + std::string(to_string(differentiation.rule)) +
                     "' is no derivative");
  for (const ValueId id : differentiation.wanted)
    if (graph.value(id).producer >= 0)
      throw UsageError("gradcheck: '" + graph.value(id).name + "' is no input of the network");

  std::mt19937 random(options.seed);
  std::vector<double> seed(static_cast<std::size_t>(graph.value(differentiation.target).shape.elements()));
  for (double& u : seed) u = uniform(random);

  // The backward runs as everywhere else, in memory that is used again and again; the differences in a
  // session that keeps the decisions to look at.
  const auto parameters = in_float64(graph, given, options.session.device);
  Session backward(graph, parameters, differentiation, options.session);
  SessionOptions keeping = options.session;
  keeping.keep_all = true;
  Session forward(graph, parameters, {}, keeping);
  for (const auto& [name, elements] : inputs) {
    backward.set(name, std::span<const double>(elements));
    forward.set(name, std::span<const double>(elements));
  }
  backward.forward();
  backward.backward(std::span<const double>(seed));

  std::vector<Moved> tensors;
  for (const ValueId id : differentiation.wanted) {
    const std::string& name = graph.value(id).name;
    tensors.push_back({name, inputs.at(name), backward.gradient<double>(name),
                       [&forward, name](const std::vector<double>& elements) {
                         forward.set(name, std::span<const double>(elements));
                       }});
  }
  for (const BackwardStep& step : differentiation.steps)
    if (step.parameters)
      for (const ParameterId id : graph.node(step.node).parameters) {
        const Parameter& parameter = graph.parameter(id);
        if (parameter.role != ParameterSpec::Role::trainable) continue;
        const Tensor tensor = parameters->at(parameter.name);
        tensors.push_back({parameter.name, tensor.copy<double>(),
                           backward.parameter_gradient<double>(parameter.name),
                           [parameters, name = parameter.name](const std::vector<double>& elements) {
                             parameters->at(name).assign(std::span<const double>(elements));
                             parameters->changed(name);
                           }});
      }

  GradcheckReport report;
  Function f(forward, graph.value(differentiation.target).name, std::move(seed));
  const double floor = 1e-3 * f.size();
  const std::vector<std::uint8_t> decisions = f.decisions();
  for (Moved& moved : tensors) check(moved, f, floor, decisions, options, random, report);
  return report;
}

std::string to_string(const GradcheckReport& report) {
  char text[160];
  std::snprintf(text, sizeof text, " (%.6g by differences %.6g), %d checked, %d skipped", report.analytic,
                report.numeric, report.checked, report.skipped);
  char worst[32];
  std::snprintf(worst, sizeof worst, "worst %.1e at ", report.worst);
  return worst + report.where + text;
}

}  // namespace backlight
