#include "engine/optimizer.h"

#include "engine/error.h"

namespace backlight {
namespace {

template <class Contract, class... Arguments>
void run(const SessionOptions& options, const KernelChoice& kernels, std::int64_t count,
         const Arguments&... arguments) {
  const UpdateSizes sizes{count};
  choose(table<Contract>(options.device), sizes, kernels.preferred(Contract::name))
      ->bind(sizes, {options.threads})
      .run(arguments..., Workers{.threads = options.threads});
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
  const SessionOptions& options = session.options();
  const KernelChoice kernels(options.kernel, options.device, options.strict);
  for (const std::string& name : trainable_) {
    const Tensor gradient = session.parameter_gradient_tensor(name), parameter = parameters_->at(name);
    const std::int64_t count = parameter.shape.elements();
    const auto remembered = [&](const char* what) { return state_.at(what + name).template on_device<T>(); };
    if (options_.method == OptimizerOptions::Method::sgd)
      run<SgdUpdate<T>>(options, kernels, count,
                        typename SgdUpdate<T>::Rates{rate, options_.momentum, options_.weight_decay},
                        gradient.on_device<T>(), remembered("velocity."), parameter.on_device<T>());
    else
      run<AdamWUpdate<T>>(options, kernels, count,
                          typename AdamWUpdate<T>::Rates{rate, options_.beta1, options_.beta2,
                                                         options_.epsilon, options_.weight_decay, steps_},
                          gradient.on_device<T>(), remembered("mean."), remembered("square."),
                          parameter.on_device<T>());
    parameters_->changed(name);
  }
}

void Optimizer::step(Session& session, double rate) {
  ++steps_;
  if (session.precision() == Precision::float32)
    update<float>(session, rate);
  else
    update<double>(session, rate);
}

}  // namespace backlight
