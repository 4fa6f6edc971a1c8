// What a session writes down before it runs: the calls, their kernels and their memory; and that running is
// nothing but going through them.
#include "engine/program.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "engine/error.h"
#include "layers/network.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

using testing::random_parameters;
using testing::uniform;

Session session_of(const Graph& graph, SessionOptions options = {}, bool parameters = false) {
  return {graph, random_parameters(graph, Precision::float32),
          differentiate(graph, graph.output(), {0}, ReluRule::gradient, parameters), std::move(options)};
}

const Call& call_of(const Session& session, const std::vector<Call>& calls, std::string_view node,
                    std::string_view contract) {
  const auto found = std::find_if(calls.begin(), calls.end(), [&](const Call& call) {
    return session.graph().node(call.node).name == node && call.contract == contract;
  });
  REQUIRE(found != calls.end());
  return *found;
}

std::vector<std::string> names(const std::vector<Operand>& operands) {
  std::vector<std::string> all;
  for (const Operand& operand : operands) all.push_back(operand.name);
  return all;
}

TEST_CASE("a call says what it reads and writes, what it computes and what must move") {
  const Graph graph = testing::small_vgg(2);
  const Session session = session_of(graph);
  const Call& forward = call_of(session, session.program().forward, "features.3", "conv_forward");
  CHECK(forward.direction == Call::Direction::forward);
  CHECK(forward.kernel == "blocked");
  CHECK(forward.declined == std::vector<std::string>{"depthwise", "dots", "bf16x6", "winograd2"});
  CHECK(names(forward.reads) ==
        std::vector<std::string>{"features.2", "features.3.weight", "features.3.bias"});
  CHECK(names(forward.writes) == std::vector<std::string>{"features.3"});
  CHECK(forward.flop == 2.0 * 2 * 64 * 8 * 6 * 9);
  CHECK(forward.bytes == 4.0 * (2 * 6 * 64 + 8 * 6 * 9 + 8 + 2 * 8 * 64));
  CHECK(forward.prepared >= 4 * 8 * 6 * 9);
  CHECK(forward.scratch > 0);
  const Call& backward = call_of(session, session.program().backward, "features.3", "conv_backward_data");
  CHECK(names(backward.reads) == std::vector<std::string>{"d features.3", "features.3.weight"});
  CHECK(names(backward.writes) == std::vector<std::string>{"d features.2"});
  CHECK(backward.direction == Call::Direction::backward);
  const Call& mask = call_of(session, session.program().forward, "features.1", "relu_forward");
  CHECK(names(mask.writes) == std::vector<std::string>{"features.1", "saved by features.1"});
  CHECK(mask.writes[1].bytes == 2 * 16 * 16);  // 6 channels: a byte per pixel
  CHECK(session.program().replay.empty());
}

TEST_CASE("the calls stand in the order of the nodes, and back") {
  const Graph graph = testing::small_resnet(true);
  const Session session = session_of(graph, {.keep_all = true}, true);
  const auto in_order = [](const Call& a, const Call& b) { return a.node < b.node; };
  const Program& program = session.program();
  CHECK(std::is_sorted(program.forward.begin(), program.forward.end(), in_order));
  CHECK(std::is_sorted(program.replay.begin(), program.replay.end(), in_order));
  CHECK(std::is_sorted(program.backward.rbegin(), program.backward.rend(), in_order));
  CHECK(program.replay.size() == program.forward.size());
}

TEST_CASE("no gradient is copied in a residual network, and no value in flatten and dropout") {
  for (const char* name : {"resnet18", "resnet50", "cifar_resnet20", "vgg11"}) {
    CAPTURE(name);
    const Graph graph = build_network(name, {});
    const Session session = session_of(graph);
    for (const Call& call : session.program().forward) CHECK(call.contract != "accumulate");
    for (const Call& call : session.program().backward)
      if (call.contract == "accumulate") CHECK(call.adds);
  }
}

TEST_CASE("a kernel is preferred by name, everywhere or for one contract") {
  const Graph graph = testing::small_vgg(1);
  const auto kernels = [&](const std::string& kernel, Device device = Device::cpu) {
    const Session session(graph, random_parameters(graph, Precision::float32, 1, device),
                          differentiate(graph, graph.output(), {0}), {.device = device, .kernel = kernel});
    std::set<std::string> all;
    for (const auto* calls : {&session.program().forward, &session.program().backward})
      for (const Call& call : *calls) all.insert(call.contract + "=" + call.kernel);
    return all;
  };
  for (const std::string& kernel : kernels("ref")) CHECK(kernel.ends_with("=ref"));
  const auto some = kernels("conv_forward=ref,relu_backward=ref");
  CHECK(some.count("conv_forward=ref") == 1);
  CHECK(some.count("conv_forward=blocked") == 0);
  CHECK(some.count("relu_backward=ref") == 1);
  CHECK(some.count("relu_forward=vector") == 1);
  CHECK(kernels("conv_forward=tiled", Device::simt).count("conv_forward=tiled") == 1);
  CHECK_THROWS_WITH_AS(kernels("fastest"), doctest::Contains("kernel 'fastest': device cpu has "),
                       UsageError);
  CHECK_THROWS_WITH_AS(
      kernels("conv=ref"),
      doctest::Contains("kernel 'conv=ref': there is no operation of this name; there are accumulate, "),
      UsageError);
  CHECK_THROWS_WITH_AS(kernels("relu_backward=tiled"),
                       "kernel 'relu_backward=tiled': relu_backward has vector, ref", UsageError);
  CHECK_THROWS_AS(kernels("ref,"), UsageError);
}

TEST_CASE("strict arithmetic, and float64, leave out kernels that transform") {
  Graph graph;
  Builder net(graph);
  net.conv("conv", graph.input("input", {1, 16, 24, 24}), ConvOptions::square(16, 3, 1, 1, true));
  const auto kernels = [&](Precision precision, bool strict, const std::string& kernel = "") {
    const Session session(graph, random_parameters(graph, precision),
                          differentiate(graph, graph.output(), {0}), {.kernel = kernel, .strict = strict});
    return session.program().forward.at(0).kernel + " " + session.program().backward.at(0).kernel;
  };
  CHECK(kernels(Precision::float32, false) == "winograd2 winograd4");
  CHECK(kernels(Precision::float32, false, "winograd2") == "winograd2 winograd2");
  CHECK(kernels(Precision::float32, true) == "blocked blocked");
  CHECK(kernels(Precision::float64, false) == "blocked blocked");
  CHECK_THROWS_WITH_AS(kernels(Precision::float32, true, "conv_forward=winograd2"),
                       "kernel 'conv_forward=winograd2': strict arithmetic leaves it out", UsageError);
}

TEST_CASE("a network that does not fit in memory is refused before anything is allocated") {
  const Graph graph = testing::small_vgg(1).with_batch(std::int64_t{1} << 28);
  CHECK_THROWS_WITH_AS(session_of(graph),
                       doctest::Contains("GB for a batch of 268435456, and the machine has"), Error);
  CHECK_THROWS_WITH_AS(session_of(graph), doctest::Contains("fits"), Error);
}

TEST_CASE("whoever wants to measure gets each call, once and in order") {
  const Graph graph = testing::small_resnet(false);
  Session session = session_of(graph);
  std::vector<const Call*> seen;
  session.around([&](const Call& call, const Workers& workers) {
    seen.push_back(&call);
    call.run(workers);
  });
  testing::run<float>(session, uniform(2 * 3 * 81, 1), uniform(10, 2));
  std::vector<const Call*> all;
  for (const auto* calls : {&session.program().forward, &session.program().backward})
    for (const Call& call : *calls) all.push_back(&call);
  CHECK(seen == all);
}

}  // namespace
}  // namespace backlight
