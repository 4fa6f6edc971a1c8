// Parameter counts and multiply-adds as published: torchvision's model tables, and for the CIFAR networks
// He et al. 2015, table 6, as counted by akamaster's pytorch_resnet_cifar10.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "layers/network.h"

namespace backlight {
namespace {

std::int64_t trainable(const Graph& graph) {
  std::int64_t count = 0;
  for (const Parameter& parameter : graph.parameters())
    if (parameter.role == ParameterSpec::Role::trainable) count += parameter.shape.elements();
  return count;
}

double giga_multiply_adds(const Graph& graph) {
  double flop = 0;
  for (const Node& node : graph.nodes())
    if (node.op->kind() == "conv" || node.op->kind() == "linear")
      flop += node.op->flop(graph.input_shapes(node));
  return flop / 2e9;
}

bool is_cifar(std::string_view name) { return name.starts_with("cifar"); }
std::int64_t classes(std::string_view name) { return is_cifar(name) ? 10 : name == "custom_cnn" ? 5 : 1000; }
Graph built(std::string_view name) {
  return build_network(name, {.input_size = is_cifar(name)         ? 32
                                            : name == "custom_cnn" ? 128
                                                                   : 224,
                              .classes = classes(name)});
}

TEST_CASE("parameters and multiply-adds of the architectures") {
  struct Published {
    std::int64_t parameters;
    double giga_multiply_adds;
  };
  const std::map<std::string, Published> table{
      {"resnet18", {11'689'512, 1.81}},
      {"resnet34", {21'797'672, 3.66}},
      {"resnet50", {25'557'032, 4.09}},
      {"resnet101", {44'549'160, 7.80}},
      {"resnet152", {60'192'808, 11.51}},
      {"vgg11", {132'863'336, 7.61}},
      {"vgg13", {133'047'848, 11.31}},
      {"vgg16", {138'357'544, 15.47}},
      {"vgg19", {143'667'240, 19.63}},
      {"vgg11_bn", {132'868'840, 7.61}},
      {"vgg13_bn", {133'053'736, 11.31}},
      {"vgg16_bn", {138'365'992, 15.47}},
      {"vgg19_bn", {143'678'248, 19.63}},
      {"cifar_resnet20", {269'722, 0.0408}},
      {"cifar_resnet32", {464'154, 0.0691}},
      {"cifar_resnet44", {658'586, 0.0974}},
      {"cifar_resnet56", {853'018, 0.1257}},
      // 9·(3·16 + 16·24 + 24·48 + 48·96 + 96·128 + 128·128) + 2·(16 + 24 + 48 + 96 + 128 + 128) + 128·5 + 5,
      // and 9·16384·(3·16 + 16·24/4 + 24·48/16 + 48·96/64 + (96·128 + 128·128)/256) + 128·5
      {"custom_cnn", {315'301, 0.0590}}};
  CHECK(table.size() == architectures().size());
  for (const std::string& name : architectures()) {
    CAPTURE(name);
    REQUIRE(table.count(name));
    const Graph graph = built(name);
    CHECK(trainable(graph) == table.at(name).parameters);
    CHECK(giga_multiply_adds(graph) == doctest::Approx(table.at(name).giga_multiply_adds).epsilon(0.005));
    CHECK(graph.value(graph.output()).shape == Shape{1, classes(name)});
  }
}

TEST_CASE("an architecture has as many convolutions and linear layers as its name says") {
  for (const std::string& name : architectures()) {
    CAPTURE(name);
    if (name == "custom_cnn") continue;
    int layers = 0;
    const Graph graph = built(name);
    for (const Node& node : graph.nodes())
      layers += (node.op->kind() == "conv" || node.op->kind() == "linear") &&
                node.name.find("downsample") == std::string::npos;
    CHECK(layers == std::stoi(name.substr(name.find_first_of("0123456789"))));
  }
}

TEST_CASE("names are unique, and the batch changes nothing but the batch") {
  for (const char* name : {"resnet50", "vgg11_bn", "cifar_resnet20"}) {
    const Graph one = built(name), five = one.with_batch(5);
    std::set<std::string> nodes, parameters;
    for (const Node& node : one.nodes()) nodes.insert(node.name);
    for (const Parameter& parameter : one.parameters()) parameters.insert(parameter.name);
    CHECK(nodes.size() == one.nodes().size());
    CHECK(parameters.size() == one.parameters().size());
    REQUIRE(five.values().size() == one.values().size());
    for (ValueId id = 0; id < static_cast<ValueId>(one.values().size()); ++id) {
      CHECK(five.value(id).name == one.value(id).name);
      CHECK(five.value(id).shape.batch() == 5);
      CHECK(five.value(id).shape.elements() == 5 * one.value(id).shape.elements());
    }
    CHECK(trainable(five) == trainable(one));
  }
}

TEST_CASE("with a normalisation the input is an image, without it is what follows") {
  const Graph with = build_network("cifar_resnet20", {.input_size = 32});
  const Graph without = build_network("cifar_resnet20", {.input_size = 32, .normalization = std::nullopt});
  CHECK(with.value(0).name == "image");
  CHECK(with.value(with.at("input")).producer == 0);
  CHECK(without.value(0).name == "input");
  CHECK(without.nodes().size() + 1 == with.nodes().size());
}

}  // namespace
}  // namespace backlight
