// Weights that are read when they are wanted, and what kernels pack of them.
#include "engine/parameters.h"

#include <doctest/doctest.h>

#include <map>

#include "engine/error.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::random_parameters;

std::unique_ptr<Session> session_of(const Graph& graph, const std::shared_ptr<const Parameters>& parameters) {
  return std::make_unique<Session>(graph, parameters, differentiate(graph, graph.output(), {0}));
}

std::vector<float> gradient_of(Session& session) {
  const Graph& graph = session.graph();
  session.set("input", std::span<const double>(testing::uniform(graph.value(0).shape.elements(), 3)));
  session.forward();
  session.backward(
      std::span<const double>(testing::uniform(graph.value(graph.output()).shape.elements(), 4)));
  return session.gradient<float>("input");
}

TEST_CASE("packed weights are shared by sessions of other batch sizes, and made anew when they change") {
  const Graph graph = testing::small_vgg(1);
  const auto parameters = random_parameters(graph, Precision::float32);
  const auto session = [&](std::int64_t batch) {
    const Graph g = graph.with_batch(batch);
    return std::make_unique<Session>(g, parameters, differentiate(g, g.output(), {0}));
  };
  const auto one = session(1), three = session(3);
  int prepared = 0;
  const PreparedParameter::Prepare count = [&](const Tensor&, std::byte*, const Workers&) { ++prepared; };
  PreparedParameter& p = parameters->prepared("features.0.weight", "counted", 10, count);
  CHECK(&parameters->prepared("features.0.weight", "counted", 10, count) == &p);
  PreparedParameter* const list[] = {&p};
  CHECK(p.stale());
  parameters->refresh(list, {});
  parameters->refresh(list, {});
  CHECK(prepared == 1);
  parameters->changed("features.3.weight");
  CHECK(!p.stale());
  parameters->changed("features.0.weight");
  CHECK(p.stale());
  CHECK(one->memory().prepared == three->memory().prepared);
  CHECK(one->memory().prepared >= 2 * 4 * (6 * 3 * 9 + 8 * 6 * 9));  // forward and backward
  CHECK_THROWS_AS(parameters->changed("nothing"), Error);
}

TEST_CASE("what failed to be packed is not taken for packed") {
  const Graph graph = testing::small_vgg(1);
  const auto parameters = random_parameters(graph, Precision::float32);
  bool fails = true;
  PreparedParameter& p = parameters->prepared("features.0.weight", "failing", 10,
                                              [&](const Tensor&, std::byte*, const Workers&) {
                                                if (fails) throw Error("no");
                                              });
  PreparedParameter* const list[] = {&p};
  CHECK_THROWS_AS(parameters->refresh(list, {}), Error);
  CHECK(p.stale());
  fails = false;
  parameters->refresh(list, {});
  CHECK(!p.stale());
}

TEST_CASE("what is only packed is made for that and goes again; what a kernel takes as it is, stays") {
  const Graph graph = testing::small_vgg(1);
  const auto given = random_parameters(graph, Precision::float32);
  std::map<std::string, int> asked;
  const auto sources = [&] {
    auto parameters = std::make_shared<Parameters>();
    for (const std::string& name : given->names())
      parameters->add(name, given->shape(name), [&, name](const Tensor& into) {
        ++asked[name];
        given->read(name, into);
      });
    return parameters;
  };
  const auto parameters = sources();
  CHECK(parameters->bytes() == 0);
  const auto session = session_of(graph, parameters);
  CHECK(asked.empty());  // the plan needs no weights
  const std::size_t planned = session->memory().total();
  const std::vector<float> gradient = gradient_of(*session);
  CHECK(gradient == gradient_of(*session_of(graph, given)));
  CHECK(session->memory().total() == planned);
  CHECK(parameters->bytes_to_come() == 0);
  std::size_t unpacked = 0;
  for (const auto& [name, times] : asked) {
    CHECK_MESSAGE(times == 1, name);
    const Shape& shape = given->shape(name);
    if (shape.rank() < 4) unpacked += 4 * static_cast<std::size_t>(shape.elements());  // no convolution's
  }
  CHECK(asked.size() == given->size());
  CHECK(parameters->bytes() == unpacked);

  // Asked for as it is, it is read again, and stays.
  const Tensor weight = parameters->at("features.0.weight");
  CHECK(weight.copy<float>() == given->at("features.0.weight").copy<float>());
  CHECK(asked["features.0.weight"] == 2);
  CHECK(parameters->at("features.0.weight").data == weight.data);
  CHECK(asked["features.0.weight"] == 2);
  // What was changed there is packed from there.
  weight.assign(
      std::span<const float>(std::vector<float>(static_cast<std::size_t>(weight.shape.elements()))));
  parameters->changed("features.0.weight");
  CHECK(gradient_of(*session) != gradient);
  CHECK(asked["features.0.weight"] == 2);
}

TEST_CASE("a source that fails leaves nothing that is taken for its weights") {
  const Graph graph = testing::small_vgg(1);
  const auto given = random_parameters(graph, Precision::float32);
  bool fails = true;
  auto parameters = std::make_shared<Parameters>();
  for (const std::string& name : given->names())
    parameters->add(name, given->shape(name), [&, name](const Tensor& into) {
      given->read(name, into);
      if (fails && name != "features.0.weight") throw Error(name + ": cannot be read");
    });
  const auto session = session_of(graph, parameters);
  CHECK_THROWS_WITH_AS(gradient_of(*session), doctest::Contains("cannot be read"), Error);
  CHECK_THROWS_WITH_AS(gradient_of(*session), doctest::Contains("cannot be read"), Error);
  fails = false;
  CHECK(gradient_of(*session) == gradient_of(*session_of(graph, given)));
}

}  // namespace
}  // namespace backlight
