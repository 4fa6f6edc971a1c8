// One layer of a network is broken; `verify` must name it and blame no other.
#include <algorithm>

#include "engine/context.h"
#include "layers/conv.h"
#include "tests/weights/verification_dump.h"

using namespace backlight;
using namespace backlight::test;
using testing::random_parameters;
using testing::small_resnet;
using testing::small_vgg;

namespace {

using Names = std::set<std::string>;
using Backward = std::function<void(const Op&, BackwardContext&, const Parameters&)>;

/// An op with another backward.
class Broken : public Op {
 public:
  Broken(std::shared_ptr<const Op> op, Backward backward, std::shared_ptr<const Parameters> parameters)
      : op_(std::move(op)), backward_(std::move(backward)), parameters_(std::move(parameters)) {}
  std::string_view kind() const override { return op_->kind(); }
  Shape infer(std::span<const Shape> inputs) const override { return op_->infer(inputs); }
  std::vector<ParameterSpec> parameters(std::span<const Shape> inputs) const override {
    return op_->parameters(inputs);
  }
  std::size_t saved_bytes(std::span<const Shape> inputs, Precision precision) const override {
    return op_->saved_bytes(inputs, precision);
  }
  bool forward_needs_saved() const override { return op_->forward_needs_saved(); }
  BackwardReads backward_reads(bool parameters) const override { return op_->backward_reads(parameters); }
  double flop(std::span<const Shape> inputs) const override { return op_->flop(inputs); }
  void forward(ForwardContext& context) const override { op_->forward(context); }
  void backward(BackwardContext& context) const override { backward_(*op_, context, *parameters_); }

 private:
  std::shared_ptr<const Op> op_;
  Backward backward_;
  std::shared_ptr<const Parameters> parameters_;
};

Graph with_broken(const Graph& graph, const std::string& name, const Backward& backward,
                  const std::shared_ptr<const Parameters>& parameters) {
  Graph broken;
  for (const Value& value : graph.values()) {
    if (value.producer < 0) {
      broken.input(value.name, value.shape);
      continue;
    }
    const Node& node = graph.node(value.producer);
    std::shared_ptr<const Op> op = node.op;
    if (node.name == name) op = std::make_shared<Broken>(op, backward, parameters);
    broken.add(node.name, op, node.inputs, value.name);
  }
  return broken;
}

void relu_backward_by(ReluRule rule, BackwardContext& c) {
  const Shape shape = c.output_shape();
  c.run<ReluBackward>(ReluSizes{shape.batch() * shape.pixels(), shape.channels()}, rule, c.output_gradient(),
                      c.saved(), c.input_gradient(0), c.write(0));
}

void dropped_mask(const Op&, BackwardContext& c, const Parameters&) {
  c.run<Accumulate>(ElementwiseSizes{c.output_shape().elements()}, c.output_gradient(), c.input_gradient(0),
                    c.write(0));
}

/// The weights of every convolution, and beside each the same from back to front.
std::shared_ptr<Parameters> parameters_and_turned(const Graph& graph) {
  auto parameters = random_parameters(graph, Precision::float64);
  for (const std::string& name : parameters->names()) {
    std::vector<double> elements = parameters->at(name).copy<double>();
    std::reverse(elements.begin(), elements.end());
    parameters->add("turned." + name, parameters->at(name).shape).assign(std::span<const double>(elements));
  }
  return parameters;
}

/// The backward of a convolution, after `change` had a hand in its sizes, which weights it reads and how it
/// writes.
Backward conv_backward(const std::function<void(ConvSizes&, std::string&, Write&)>& change) {
  return [change](const Op& op, BackwardContext& c, const Parameters& parameters) {
    const ConvOptions& o = dynamic_cast<const Conv&>(op).options();
    const Shape x = c.input_shape(0), y = c.output_shape();
    ConvSizes sizes{x.batch(),    x.height(),      x.width(),      x.channels(), y.height(), y.width(),
                    y.channels(), o.kernel_height, o.kernel_width, o.stride_y,   o.stride_x, o.pad_top,
                    o.pad_left,   o.dilation_y,    o.dilation_x,   o.groups};
    std::string weights = c.parameter(0).name;
    Write write = c.write(0);
    change(sizes, weights, write);
    c.run<ConvBackwardData>(sizes, c.output_gradient(), PreparedOperand{{parameters.at(weights), weights}},
                            c.input_gradient(0), GradientGate{.gate = {.write = write}});
  };
}

const Backward turned_weights =
    conv_backward([](ConvSizes&, std::string& weights, Write&) { weights = "turned." + weights; });
const Backward pad_off_by_one =
    conv_backward([](ConvSizes& sizes, std::string&, Write&) { ++sizes.pad_left; });
const Backward set_for_add =
    conv_backward([](ConvSizes&, std::string&, Write& write) { write = Write::set; });

Names names_of_kind(const Graph& graph, std::string_view kind) {
  Names names;
  for (const Node& node : graph.nodes())
    if (node.op->kind() == kind) names.insert(node.name);
  return names;
}

/// The rows that blame somebody.
Names blamed(const Verification& result) {
  Names names;
  for (const VerifiedValue& row : result.values)
    if (!row.blame.empty()) names.insert(row.name);
  return names;
}

/// A node whose backward is broken: wrong are the gradients at what it reads, and only they.
void names_the_backward(const Graph& graph, const ReferenceDump& dump, const std::string& name,
                        const Backward& backward) {
  CAPTURE(name);
  const auto parameters = parameters_and_turned(graph);
  const Verification result = verify(dump, with_broken(graph, name, backward, parameters), parameters, {});
  CHECK(result.verdict() == Verdict::bug);
  CHECK(locally_off(result, &VerifiedValue::forward).empty());
  const Node& node = *std::find_if(graph.nodes().begin(), graph.nodes().end(),
                                   [&](const Node& n) { return n.name == name; });
  const std::string& read = graph.value(node.inputs[0]).name;
  CHECK(locally_off(result, &VerifiedValue::backward) == Names{read});
  REQUIRE(result.first_divergent());
  CHECK(result.first_divergent()->name == read);
  // A value that several nodes read has one gradient, and no dump says whose part of it is wrong.
  std::string blame = "backward of ";
  for (const Node& n : graph.nodes())
    if (n.inputs[0] == node.inputs[0] || n.inputs.back() == node.inputs[0])
      blame += (blame.ends_with("of ") ? "" : " or ") + n.name;
  CHECK(result.first_divergent()->blame == blame);
  CHECK(mentions(blame, {name}));
  CHECK(blamed(result) == Names{read});
}

}  // namespace

TEST_CASE("a weight that differs is found at its own layer, whichever it is") {
  const Folder folder;
  for (const Graph& graph : {small_resnet(false), small_resnet(true), small_vgg()}) {
    const ReferenceDump dump(
        write_dump<double>(folder / "D.h5", graph, random_parameters(graph, Precision::float64)));
    for (const Parameter& parameter : graph.parameters()) {
      CAPTURE(parameter.name);
      auto parameters = random_parameters(graph, Precision::float64);
      parameters->at(parameter.name).as<double>()[0] += 1e-3;
      const std::string layer = parameter.name.substr(0, parameter.name.rfind('.'));
      const Verification result = verify(dump, graph, parameters, {});
      CHECK(result.verdict() == Verdict::bug);
      CHECK(locally_off(result, &VerifiedValue::forward) == Names{layer});
      REQUIRE(result.first_divergent());
      CHECK(result.first_divergent()->blame == "forward of " + layer);
      // What the layer sends back may be off too, and nobody else's.
      for (const std::string& value : blamed(result))
        if (value != layer) CHECK(mentions(row_of(result, value).blame, {"backward of ", layer}));
    }
  }
}

TEST_CASE("a ReLU with a wrong backward is found") {
  const Folder folder;
  for (const Graph& graph : {small_resnet(false), small_vgg()})
    for (const ReluRule rule : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet}) {
      const ReferenceDump dump(write_dump<double>(
          folder / "D.h5", graph, random_parameters(graph, Precision::float64), {.rule = rule}));
      for (const std::string& relu : names_of_kind(graph, "relu")) {
        names_the_backward(graph, dump, relu, dropped_mask);
        for (const ReluRule other : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet})
          if (other != rule)
            names_the_backward(graph, dump, relu, [&](const Op&, BackwardContext& c, const Parameters&) {
              relu_backward_by(other, c);
            });
      }
    }
}

TEST_CASE("a convolution with a wrong backward is found") {
  const Folder folder;
  for (const Graph& graph : {small_resnet(false), small_resnet(true)}) {
    const ReferenceDump dump(
        write_dump<double>(folder / "D.h5", graph, random_parameters(graph, Precision::float64)));
    for (const std::string& conv : names_of_kind(graph, "conv")) {
      names_the_backward(graph, dump, conv, turned_weights);
      names_the_backward(graph, dump, conv, pad_off_by_one);
    }
    names_the_backward(graph, dump, "layer1.0.conv1", set_for_add);  // the residual join
  }
}

TEST_CASE("a layer that is broken in a sampled dump is blamed, and what lies before it is not") {
  const Folder folder;
  const Graph graph = small_vgg();
  const ReferenceDump dump(write_dump<double>(folder / "D.h5", graph,
                                              random_parameters(graph, Precision::float64), {.sample = 40}));
  auto parameters = random_parameters(graph, Precision::float64);
  parameters->at("features.3.weight").as<double>()[4] += 1e-3;
  const Verification forward = verify(dump, graph, parameters, {});
  CHECK(forward.verdict() == Verdict::bug);
  REQUIRE(forward.first_divergent());
  CHECK(forward.first_divergent()->blame == "forward of features.3 or a node before it");
  CHECK(blamed(forward) == Names{"features.3"});

  const auto turned = parameters_and_turned(graph);
  const Verification backward =
      verify(dump, with_broken(graph, "features.3", turned_weights, turned), turned, {});
  CHECK(backward.verdict() == Verdict::bug);
  REQUIRE(backward.first_divergent());
  CHECK(backward.first_divergent()->blame == "backward of features.3 or a node after it");
  CHECK(blamed(backward) == Names{"features.2"});

  // Wrong gradients of parameters follow from wrong gradients of values.
  const ReferenceDump with_parameters(write_dump<double>(folder / "P.h5", graph,
                                                         random_parameters(graph, Precision::float64),
                                                         {.parameters = true, .sample = 40}));
  const Verification relu =
      verify(with_parameters, with_broken(graph, "features.4", dropped_mask, turned), turned, {});
  REQUIRE(relu.first_divergent());
  CHECK(relu.first_divergent()->blame == "backward of features.4 or a node after it");
  CHECK(blamed(relu) == Names{"features.3"});
  CHECK(row_of(relu, "features.0.weight").backward.end_to_end > 1e-10);
}

TEST_CASE("a wrong gradient of a parameter is its layer's, and nobody else's") {
  const Folder folder;
  const Graph graph = small_vgg();
  const auto parameters = random_parameters(graph, Precision::float64);
  const fs::path path = write_dump<double>(folder / "D.h5", graph, parameters, {.parameters = true});
  edit(path, [&](hid_t file) {
    const std::vector<double> zeros(8);
    const hid_t dataset = H5Dopen2(file, "parameter_gradients/features.3.bias", H5P_DEFAULT);
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros.data()) >= 0);
    H5Dclose(dataset);
  });
  const Verification result = verify(ReferenceDump(path), graph, parameters, {});
  CHECK(result.verdict() == Verdict::bug);
  CHECK(locally_off(result, &VerifiedValue::backward) == Names{"features.3.bias"});
  REQUIRE(result.first_divergent());
  CHECK(result.first_divergent()->blame == "backward of features.3");
  CHECK(blamed(result) == Names{"features.3.bias"});
}
