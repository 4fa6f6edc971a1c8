#pragma once

#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "layers/softmax.h"
#include "tests/engine/networks.h"
#include "tests/weights/h5_fixtures.h"
#include "weights/verification/verification.h"

// What the tests of `verify` share: a reference dump of what Backlight itself computes, so that every
// difference is one that the test made.
namespace backlight::test {

struct DumpOptions {
  std::string architecture = "custom";
  ReluRule rule = ReluRule::gradient;
  Objective objective = Objective::logit;
  bool parameters = false;          // gradients of the parameters too
  std::int64_t sample = 0;          // of tensors with more elements only every so manieth
  std::set<std::string> only = {};  // these nodes alone, if any
  // Reduced precision, in bits of significand: of what these kinds of nodes multiply, and of what is stored.
  int factor_bits = 0, stored_bits = 0;
  std::set<std::string> rounding_kinds = {"conv"};
};

/// The nearest number of so many bits of significand.
inline double rounded(double value, int bits) {
  int exponent = 0;
  const double mantissa = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(std::ldexp(mantissa, bits)), exponent - bits);
}

template <class T>
std::vector<T> rounded(std::vector<T> values, int bits) {
  for (T& value : values) value = bits ? static_cast<T>(rounded(static_cast<double>(value), bits)) : value;
  return values;
}

namespace detail {

inline hid_t new_group(hid_t parent, const std::string& name) {
  const hid_t id = H5Gcreate2(parent, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(id >= 0);
  return id;
}

inline void put_integers(hid_t parent, const char* name, const std::vector<std::int64_t>& values) {
  add_dataset(parent, name, H5T_STD_I64LE, {values.size()}, H5T_NATIVE_INT64, values.data());
}

template <class T>
void put(hid_t parent, const std::string& name, const Shape& shape, const std::vector<T>& values,
         std::int64_t sample = 0) {
  const hid_t type = sizeof(T) == 4 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
  const hid_t memory = sizeof(T) == 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
  const auto extents = shape.extents();
  if (sample == 0 || shape.elements() <= sample) {
    add_dataset(parent, name.c_str(), type, {extents.begin(), extents.end()}, memory, values.data());
    return;
  }
  std::vector<std::int64_t> index;
  std::vector<T> picked;
  for (std::int64_t i = 0; i < shape.elements(); i += sample) {
    index.push_back(i);
    picked.push_back(values[static_cast<std::size_t>(i)]);
  }
  const hid_t group = new_group(parent, name);
  put_integers(group, "shape", {extents.begin(), extents.end()});
  put_integers(group, "index", index);
  add_dataset(group, "value", type, {picked.size()}, memory, picked.data());
  H5Gclose(group);
}

/// A session whose nodes of some kinds round what they multiply, forward and back, as TF32 units do: it keeps
/// the gradients as they were before.
template <class T>
class FactorRounding {
 public:
  FactorRounding(Session& session, const DumpOptions& options) : session_(session), options_(options) {
    if (!options.factor_bits) return;
    session.watch({[this](ValueId id) {
                     const NodeId made_by = session_.graph().value(id).producer;
                     for (const auto& [input, exact] : exact_inputs_)
                       session_.overwrite_value(input, std::span<const T>(exact));
                     exact_inputs_.clear();
                     before(made_by + 1);
                   },
                   [this](ValueId id) { gradient_ready(id); }});
  }
  void before(NodeId id) {
    if (!options_.factor_bits || id >= std::ssize(graph().nodes()) || !rounds(id)) return;
    for (const ValueId input : graph().node(id).inputs) {
      exact_inputs_[input] = session_.template value<T>(graph().value(input).name);
      session_.overwrite_value(input,
                               std::span<const T>(rounded(exact_inputs_[input], options_.factor_bits)));
    }
  }
  std::vector<T> gradient(const std::string& name) const {
    const auto exact = exact_gradients_.find(name);
    return exact == exact_gradients_.end() ? session_.template gradient<T>(name) : exact->second;
  }
  static std::shared_ptr<const Parameters> weights(const Graph& graph, const Parameters& parameters,
                                                   const DumpOptions& options) {
    auto result = std::make_shared<Parameters>(parameters.precision());
    for (const std::string& name : parameters.names())
      result->add(name, parameters.shape(name)).assign(std::span<const double>(parameters.values(name)));
    for (const Node& node : graph.nodes())
      if (options.rounding_kinds.contains(std::string(node.op->kind()))) {
        const std::string name = node.name + ".weight";
        result->at(name).assign(
            std::span<const double>(rounded(parameters.values(name), options.factor_bits)));
      }
    return result;
  }

 private:
  const Graph& graph() const { return session_.graph(); }
  bool rounds(NodeId id) const {
    return options_.rounding_kinds.contains(std::string(graph().node(id).op->kind()));
  }
  void gradient_ready(ValueId id) {
    if (graph().value(id).producer < 0 || !rounds(graph().value(id).producer)) return;
    std::vector<T>& exact = exact_gradients_[graph().value(id).name];
    exact = session_.template gradient<T>(graph().value(id).name);
    session_.overwrite_gradient(id, std::span<const T>(rounded(exact, options_.factor_bits)));
  }

  Session& session_;
  const DumpOptions& options_;
  std::map<ValueId, std::vector<T>> exact_inputs_;
  std::map<std::string, std::vector<T>> exact_gradients_;
};

}  // namespace detail

/// Runs the network in the precision T of its parameters on an input and targets of its own, and writes what
/// it computed as a reference dump.
template <class T>
fs::path write_dump(const fs::path& path, const Graph& network, std::shared_ptr<const Parameters> parameters,
                    const DumpOptions& options = {}) {
  const ValueId logits = network.output();
  const Shape &x = network.value(0).shape, &y = network.value(logits).shape;
  const auto batch = static_cast<std::size_t>(x.batch());
  const auto classes = static_cast<std::size_t>(y.elements()) / batch;
  Graph graph = network;
  ValueId target = logits;
  if (options.objective == Objective::cross_entropy)
    target =
        graph.add("loss", std::make_shared<CrossEntropy>(), {logits, graph.input("labels", {x.batch()})});
  if (options.factor_bits) parameters = detail::FactorRounding<T>::weights(graph, *parameters, options);
  Session session(graph, parameters,
                  differentiate(graph, target, {graph.at("input")}, options.rule, options.parameters),
                  {.keep_all = true});
  const std::vector<double> image = testing::uniform(x.elements(), 3);
  std::vector<std::int64_t> label(batch);
  std::vector<double> seed(options.objective == Objective::logit ? batch * classes : batch,
                           options.objective == Objective::logit ? 0.0 : 1.0);
  for (std::size_t n = 0; n < batch; ++n) {
    label[n] = static_cast<std::int64_t>((3 * n + 1) % classes);
    if (options.objective == Objective::logit) seed[n * classes + static_cast<std::size_t>(label[n])] = 1;
  }
  session.set("input", std::span<const double>(image));
  if (options.objective == Objective::cross_entropy)
    session.set("labels", std::span<const double>(std::vector<double>(label.begin(), label.end())));
  detail::FactorRounding<T> run(session, options);
  run.before(0);
  session.forward();
  session.backward(std::span<const double>(seed));
  const auto put = [&](hid_t parent, const std::string& name, const Shape& shape,
                       const std::vector<T>& values, std::int64_t sample = 0) {
    detail::put(parent, name, shape, rounded(values, options.stored_bits), sample);
  };

  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(file >= 0);
  set_text(file, "format", "backlight-reference-dump");
  set_integer(file, "version", 1);
  set_text(file, "producer", "a test");
  set_text(file, "architecture", options.architecture);
  set_text(file, "rule", std::string(to_string(options.rule)));
  set_text(file, "objective", std::string(to_string(options.objective)));
  put(file, "input", x, session.value<T>("input"));
  detail::put_integers(file, "target", label);
  put(file, "logits", y, session.value<T>(network.value(logits).name));
  put(file, "input_gradient", x, session.gradient<T>("input"));
  const hid_t activations = detail::new_group(file, "activations"),
              gradients = detail::new_group(file, "gradients");
  for (const Value& value : network.values()) {
    if (value.producer < 0 || (!options.only.empty() && !options.only.count(value.name))) continue;
    put(activations, value.name, value.shape, session.value<T>(value.name), options.sample);
    put(gradients, value.name, value.shape, run.gradient(value.name), options.sample);
  }
  H5Gclose(activations), H5Gclose(gradients);
  if (options.parameters) {
    const hid_t group = detail::new_group(file, "parameter_gradients");
    for (const Parameter& parameter : network.parameters())
      if (parameter.role == ParameterSpec::Role::trainable)
        put(group, parameter.name, parameter.shape, session.parameter_gradient<T>(parameter.name),
            options.sample);
    H5Gclose(group);
  }
  REQUIRE(H5Fclose(file) >= 0);
  return path;
}

/// The worst distance of all rows; `slot` is one of the three runs.
inline double worst(const Verification& result, Distance Distances::*slot) {
  double most = 0;
  for (const VerifiedValue& row : result.values)
    for (const Distances* d : {&row.forward, &row.backward}) most = std::max(most, (d->*slot).value_or(0));
  return most;
}

/// The names of the rows whose own computation, forward or backward, is off.
inline std::set<std::string> locally_off(const Verification& result, Distances VerifiedValue::*way) {
  std::set<std::string> names;
  for (const VerifiedValue& row : result.values)
    if ((row.*way).local.value_or(0) > result.local_bar) names.insert(row.name);
  return names;
}

inline const VerifiedValue& row_of(const Verification& result, const std::string& name) {
  for (const VerifiedValue& row : result.values)
    if (row.name == name) return row;
  FAIL("no row " << name);
  return result.values.front();
}

}  // namespace backlight::test
