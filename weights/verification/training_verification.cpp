#include "weights/verification/training_verification.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/error.h"
#include "engine/memory.h"
#include "layers/initialize.h"
#include "layers/network.h"
#include "weights/text.h"

namespace backlight {
namespace {

bool is_statistic(const Parameter& parameter) { return parameter.role == ParameterSpec::Role::statistic; }

const std::map<std::string, DumpTensor>& part_of(const TrainingDump& dump, const Parameter& parameter) {
  return is_statistic(parameter) ? dump.statistics : dump.gradients;
}

/// Every parameter of the network is in the dump, in its shape, and nothing else is.
void check_manifest(const TrainingDump& dump, const Graph& network) {
  std::size_t known = 0;
  for (const Parameter& parameter : network.parameters()) {
    if (parameter.role == ParameterSpec::Role::constant) continue;
    const auto found = part_of(dump, parameter).find(parameter.name);
    if (found == part_of(dump, parameter).end())
      throw Error("the dump has no " + std::string(is_statistic(parameter) ? "statistic" : "gradient") +
                  " of '" + parameter.name + "'");
    if (!(found->second.shape == parameter.shape))
      throw Error("dump: '" + parameter.name + "' has the shape " + to_string(found->second.shape) +
                  ", in the network it has " + to_string(parameter.shape));
    ++known;
  }
  if (known == dump.gradients.size() + dump.statistics.size()) return;
  for (const auto* part : {&dump.gradients, &dump.statistics})
    for (const auto& [name, tensor] : *part)
      if (std::ranges::none_of(network.parameters(), [&, name = name](const Parameter& p) {
            return p.name == name && &part_of(dump, p) == part;
          }))
        throw Error("dump: '" + name + "' is no parameter of " + dump.architecture);
}

/// A dump may sample the gradients of a network that is far larger than itself.
void check_memory(const Graph& network, Device device) {
  constexpr std::size_t copies = 4;  // parameters, gradients, and what an optimizer remembers
  std::size_t needed = 0;
  for (const Parameter& parameter : network.parameters())
    needed += copies * static_cast<std::size_t>(parameter.shape.elements()) * sizeof(double);
  if (const std::size_t available = memory_of(device).available(); needed > available)
    throw Error("dump: training its network takes " + std::to_string(needed) +
                " bytes for the parameters alone, and the machine has " + std::to_string(available));
}

/// The network of the dump at its start, one step after another.
class Trainee {
 public:
  Trainee(const TrainingDump& dump, const SessionOptions& options) : dump_(dump) {
    Graph graph = build_network(dump.architecture, {.batch = dump.batch,
                                                    .input_size = dump.shape.height(),
                                                    .classes = dump.classes,
                                                    .normalization = Normalization{dump.mean, dump.std},
                                                    .batchnorm = BatchNorm::Mode::training});
    check_manifest(dump, graph);
    check_memory(graph, options.device);
    const ValueId loss = add_loss(graph);
    Differentiation back = differentiate(graph, loss, {}, ReluRule::gradient, true);
    parameters_ =
        std::make_shared<Parameters>(initialize(graph, dump.seed, Precision::float64, options.device));
    session_ = std::make_unique<Session>(std::move(graph), parameters_, std::move(back), options);
  }

  Session& session() { return *session_; }
  const std::shared_ptr<Parameters>& parameters() const { return parameters_; }

  /// The loss of a step, and its gradients.
  double propagate(std::size_t step) {
    const auto batch = static_cast<std::size_t>(dump_.batch),
               classes = static_cast<std::size_t>(dump_.classes);
    const std::size_t first = step * batch % dump_.labels.size();
    const std::size_t elements = dump_.images.size() / dump_.labels.size();
    std::vector<double> target(batch * classes, 0.0);
    for (std::size_t n = 0; n < batch; ++n)
      target[n * classes + static_cast<std::size_t>(dump_.labels[first + n])] = 1;
    session_->set("image", std::span(dump_.images).subspan(first * elements, batch * elements));
    session_->set("target", std::span<const double>(target));
    session_->forward();
    const std::vector<double> losses = session_->value<double>("loss");
    session_->backward(std::span<const double>(std::vector<double>(batch, 1.0 / static_cast<double>(batch))));
    return std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(batch);
  }

 private:
  const TrainingDump& dump_;
  std::shared_ptr<Parameters> parameters_;
  std::unique_ptr<Session> session_;
};

std::vector<VerifiedParameter> verify_first_step(const TrainingDump& dump, const SessionOptions& options) {
  Trainee trainee(dump, options);
  trainee.propagate(0);
  std::vector<VerifiedParameter> rows;
  for (const Parameter& p : trainee.session().graph().parameters()) {
    if (p.role == ParameterSpec::Role::constant) continue;
    const DumpTensor& theirs = part_of(dump, p).at(p.name);
    const std::vector<double> ours = is_statistic(p) ? trainee.parameters()->at(p.name).copy<double>()
                                                     : trainee.session().parameter_gradient<double>(p.name);
    rows.push_back({p.name, is_statistic(p), p.shape, theirs.whole(), relative_distance(ours, theirs)});
  }
  return rows;
}

VerifiedRun verify_run(const TrainingDump& dump, const TrainingDump::Run& run,
                       const SessionOptions& options) {
  Trainee trainee(dump, options);
  Optimizer optimizer(trainee.session().graph(), trainee.parameters(), run.optimizer);
  VerifiedRun result{run, {}};
  for (std::size_t step = 0; step < run.losses.size(); ++step) {
    result.losses.push_back(trainee.propagate(step));
    optimizer.step(trainee.session(), run.rate);
    const double distance = std::abs(result.losses[step] - run.losses[step]) / std::abs(run.losses[step]);
    if (!(distance <= result.distance)) result.distance = distance, result.worst = step;
  }
  return result;
}

template <class Rows>
const auto& worst(const Rows& rows) {
  return *std::ranges::max_element(rows, [](const auto& a, const auto& b) {
    return a.distance < b.distance || (std::isnan(b.distance) && !std::isnan(a.distance));
  });
}

}  // namespace

const VerifiedParameter& TrainingVerification::worst_parameter() const { return worst(parameters); }
const VerifiedRun& TrainingVerification::worst_run() const { return worst(runs); }

bool TrainingVerification::pass() const {
  const auto off = [](const auto& row) { return TrainingVerification::off(row); };
  return std::ranges::none_of(parameters, off) && std::ranges::none_of(runs, off);
}

TrainingVerification verify(const TrainingDump& dump, const SessionOptions& options) {
  const std::vector<std::string> known = architectures();
  if (std::ranges::find(known, dump.architecture) == known.end())
    throw Error("dump: the architecture '" + printable(dump.architecture) + "' is unknown");
  TrainingVerification result{verify_first_step(dump, options), {}};
  for (const TrainingDump::Run& run : dump.runs) result.runs.push_back(verify_run(dump, run, options));
  return result;
}

}  // namespace backlight
