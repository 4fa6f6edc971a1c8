#include "engine/optimizer.h"

#include "engine/error.h"

namespace backlight {
namespace {

Workers workers_of(const Session& session) { return {session.options().threads, nullptr, 0}; }

template <class Contract, class... Arguments>
void run(const Session& session, std::int64_t count, const Arguments&... arguments) {
  const UpdateSizes sizes{count};
  choose(table<Contract>(session.options().device), sizes, session.options().kernel)
      ->run(sizes, arguments..., workers_of(session));
}

}  // namespace

OptimizerOptions::Method optimizer_from_name(std::string_view name) {
  for (const auto method : {OptimizerOptions::Method::sgd, OptimizerOptions::Method::adamw})
    if (to_string(method) == name) return method;
  throw UsageError("optimizer '" + std::string(name) + "': sgd or adamw");
}

std::string_view to_string(OptimizerOptions::Method method) {
  return method == OptimizerOptions::Method::sgd ? "sgd" : "adamw";
}

Optimizer::Optimizer(const Graph& graph, std::shared_ptr<Parameters> parameters,
                     const OptimizerOptions& options)
    : options_(options),
      parameters_(std::move(parameters)),
      state_(parameters_->precision(), parameters_->device()) {
  const auto remember = [&](const std::string& what, const Parameter& parameter) {
    const std::vector<double> zeros(static_cast<std::size_t>(parameter.shape.elements()));
    state_.add(what + parameter.name, parameter.shape).assign(std::span<const double>(zeros));
  };
  for (const Parameter& parameter : graph.parameters()) {
    if (parameter.role != ParameterSpec::Role::trainable) continue;
    trainable_.push_back(parameter.name);
    if (options_.method == OptimizerOptions::Method::sgd) {
      remember("velocity.", parameter);
    } else {
      remember("mean.", parameter);
      remember("square.", parameter);
    }
  }
}

template <class T>
void Optimizer::update(Session& session, double rate) {
  for (const std::string& name : trainable_) {
    const Tensor gradient = session.parameter_gradient_tensor(name), parameter = parameters_->at(name);
    const std::int64_t count = parameter.shape.elements();
    const auto remembered = [&](const char* what) { return state_.at(what + name).template as<T>(); };
    if (options_.method == OptimizerOptions::Method::sgd)
      run<SgdUpdate<T>>(session, count,
                        typename SgdUpdate<T>::Rates{rate, options_.momentum, options_.weight_decay},
                        gradient.as<T>(), remembered("velocity."), parameter.as<T>());
    else
      run<AdamWUpdate<T>>(session, count,
                          typename AdamWUpdate<T>::Rates{rate, options_.beta1, options_.beta2,
                                                         options_.epsilon, options_.weight_decay, steps_},
                          gradient.as<T>(), remembered("mean."), remembered("square."), parameter.as<T>());
  }
}

void Optimizer::step(Session& session, double rate) {
  ++steps_;
  if (session.precision() == Precision::float32)
    update<float>(session, rate);
  else
    update<double>(session, rate);
  session.parameters_changed();
}

}  // namespace backlight
