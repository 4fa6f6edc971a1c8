// `verify` on dumps of the network itself: what must pass, and what is only a kink.
#include "layers/network.h"
#include "layers/passes/passes.h"
#include "tests/weights/verification_dump.h"

using namespace backlight;
using namespace backlight::test;
using testing::random_parameters;
using testing::small_resnet;
using testing::small_vgg;

namespace {

using Names = std::set<std::string>;

Graph cifar(std::int64_t batch) {
  return build_network("cifar_resnet20",
                       {.batch = batch, .input_size = 16, .classes = 10, .normalization = std::nullopt});
}

/// The same parameters with one element of one changed by `step`.
std::shared_ptr<const Parameters> moved(const Graph& graph, const std::string& name, std::size_t element,
                                        double step) {
  auto parameters = random_parameters(graph, Precision::float64);
  parameters->at(name).as<double>()[element] += step;
  return parameters;
}

}  // namespace

TEST_CASE("a network agrees with a dump of itself to the bit") {
  const Folder folder;
  for (const std::int64_t batch : {1, 3})
    for (const Graph& graph :
         {small_resnet(false, batch), small_resnet(true, batch), small_vgg(batch), cifar(batch)})
      for (const Objective objective : {Objective::logit, Objective::cross_entropy})
        for (const ReluRule rule : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet}) {
          const auto parameters = random_parameters(graph, Precision::float64);
          const ReferenceDump dump(write_dump<double>(
              folder / "D.h5", graph, parameters,
              {.rule = rule, .objective = objective, .parameters = objective == Objective::cross_entropy}));
          const Verification result = verify(dump, graph, parameters, {});
          CHECK(result.verdict() == Verdict::pass);
          CHECK(result.first_divergent() == nullptr);
          CHECK(result.kinks == 0);
          CHECK(result.decisions > 0);
          CHECK(result.held);
          CHECK(result.unknown.empty());
          CHECK(result.local_bar == 1e-10);
          CHECK(result.end_bar == 1e-10);
          for (const auto slot : {&Distances::local, &Distances::end_to_end, &Distances::held})
            CHECK(worst(result, slot) == 0);
          // Every value is held against the dump in every way, and so is every parameter.
          for (const VerifiedValue& row : result.values) {
            CAPTURE(row.name);
            CHECK(row.whole);
            CHECK(row.backward.local.has_value());
            CHECK(row.backward.held.has_value());
            CHECK((row.forward.local.has_value() || row.source != VerifiedValue::Source::node));
          }
        }
}

TEST_CASE("float32 agrees with a float64 dump, up to kinks") {
  const Folder folder;
  for (const Graph& graph : {small_resnet(true, 3), small_vgg(3), cifar(3)})
    for (const ReluRule rule : {ReluRule::gradient, ReluRule::guided, ReluRule::deconvnet}) {
      const ReferenceDump dump(write_dump<double>(
          folder / "D.h5", graph, random_parameters(graph, Precision::float64), {.rule = rule}));
      const Verification result = verify(dump, graph, random_parameters(graph, Precision::float32), {});
      CHECK(result.verdict() != Verdict::bug);
      CHECK((result.verdict() == Verdict::kink) <= (result.kinks > 0));
      CHECK(worst(result, &Distances::local) <= 1e-5);
      CHECK(worst(result, &Distances::local) > 1e-9);  // float32 it is
      CHECK(worst(result, &Distances::held) <= 1e-4);
    }
}

TEST_CASE("a float32 dump holds a float32 and a float64 network") {
  const Folder folder;
  const Graph graph = small_resnet(true);
  const ReferenceDump dump(
      write_dump<float>(folder / "D.h5", graph, random_parameters(graph, Precision::float32)));
  CHECK(dump.precision() == Precision::float32);
  for (const Precision precision : {Precision::float32, Precision::float64}) {
    const Verification result = verify(dump, graph, random_parameters(graph, precision), {});
    CHECK(result.local_bar == 1e-5);
    CHECK(result.verdict() != Verdict::bug);
    CHECK((worst(result, &Distances::local) == 0) == (precision == Precision::float32));
  }
}

TEST_CASE("one sign that differs is a kink, named, and no bug") {
  // The bias of a batchnorm moves one input of the ReLU behind it to ±1e-13: on one side in the dump, on the
  // other in the network. Nothing else differs by more than that.
  const Folder folder;
  const Graph graph = small_resnet(false, 1);
  const std::string relu = "layer1.0.relu1", bias = "layer1.0.bn1.bias";
  double value = 0;
  std::size_t channel = 0;
  {
    Session session(graph, random_parameters(graph, Precision::float64), {}, {.keep_all = true});
    session.set("input", std::span<const double>(testing::uniform(3 * 9 * 9, 3)));
    session.forward();
    const std::vector<double> x = session.value<double>("layer1.0.bn1");
    const std::size_t pixels = x.size() / 8;
    // A positive one, so that the mask matters, in the channel that holds it.
    std::size_t at = 0;
    while (x[at] <= 0.1) ++at;
    value = x[at];
    channel = at / pixels;
  }
  const ReferenceDump dump(
      write_dump<double>(folder / "D.h5", graph, moved(graph, bias, channel, -value + 1e-13)));
  for (const bool as_run : {false, true}) {
    CAPTURE(as_run);
    const FoldedNetwork network =
        apply_passes(graph, moved(graph, bias, channel, -value - 1e-13), {.fold = as_run, .fuse = as_run});
    const Verification result = verify(dump, network.graph, network.parameters, {});
    CHECK(result.verdict() == Verdict::kink);
    CHECK(result.kinks == 1);
    CHECK(result.first_kink == (as_run ? "layer1.0.conv1" : relu));
    CHECK(row_of(result, relu).kinks == 1);
    CHECK(worst(result, &Distances::local) <= 1e-10);
    CHECK(worst(result, &Distances::held) <= 1e-10);
    CHECK(worst(result, &Distances::end_to_end) > 1e-6);
    const VerifiedValue* first = result.first_divergent();
    REQUIRE(first);
    CHECK(first->verdict == Verdict::kink);
    for (const VerifiedValue& row : result.values) {
      CHECK(row.blame == "");
      CHECK((row.kinks == 0 || row.name == relu));
      CHECK(row.forward.end_to_end.value_or(0) <= 1e-10);  // y = max(x, 0) has no jump
    }
  }
}

TEST_CASE("a sampled dump passes a right network") {
  const Folder folder;
  const Graph graph = small_resnet(true);
  const auto parameters = random_parameters(graph, Precision::float64);
  const ReferenceDump dump(
      write_dump<double>(folder / "D.h5", graph, parameters, {.parameters = true, .sample = 40}));
  const Verification result = verify(dump, graph, parameters, {});
  CHECK(result.verdict() == Verdict::pass);
  CHECK(worst(result, &Distances::end_to_end) == 0);
  CHECK(!result.held);  // what a sample does not hold cannot be replayed
  CHECK(!row_of(result, "conv1").whole);
  CHECK(row_of(result, "conv1").forward.local == 0);  // its input is whole
  CHECK(!row_of(result, "bn1").forward.local);        // its input is not
  CHECK(row_of(result, "bn1").forward.end_to_end == 0);
}

TEST_CASE("a dump with some of the nodes judges those") {
  const Folder folder;
  const Graph graph = small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  const ReferenceDump dump(
      write_dump<double>(folder / "D.h5", graph, parameters, {.only = {"relu", "layer1.0", "fc"}}));
  const Verification result = verify(dump, graph, parameters, {});
  CHECK(result.verdict() == Verdict::pass);
  Names names;
  for (const VerifiedValue& row : result.values) names.insert(row.name);
  CHECK(names == Names{"input", "relu", "layer1.0", "fc"});
  CHECK(row_of(result, "layer1.0").forward.local == 0);  // over all nodes since the last that the dump holds
}

TEST_CASE("nodes of the dump that the network does not have are listed") {
  const Folder folder;
  const Graph graph = small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  const fs::path path = write_dump<double>(folder / "D.h5", graph, parameters, {.parameters = true});
  const auto rename = [](hid_t file, const char* from, const char* to) {
    REQUIRE(H5Lmove(file, from, file, to, H5P_DEFAULT, H5P_DEFAULT) >= 0);
  };
  edit(path, [&](hid_t file) {
    rename(file, "activations/bn1", "activations/norm1");
    rename(file, "gradients/bn1", "gradients/norm1");
    rename(file, "parameter_gradients/fc.bias", "parameter_gradients/fc.beta");
  });
  const Verification result = verify(ReferenceDump(path), graph, parameters, {});
  const Names unknown(result.unknown.begin(), result.unknown.end());
  CHECK(unknown == Names{"activations/norm1", "gradients/norm1", "parameter_gradients/fc.beta"});
  CHECK(result.verdict() == Verdict::pass);
}

TEST_CASE("logits that differ are seen, whatever else the dump holds") {
  const Folder folder;
  const Graph graph = small_resnet(false);
  const auto parameters = random_parameters(graph, Precision::float64);
  const fs::path path = write_dump<double>(folder / "D.h5", graph, parameters, {.only = {"relu"}});
  edit(path, [](hid_t file) {
    const std::vector<double> logits(10, 0.25);
    const hid_t dataset = H5Dopen2(file, "logits", H5P_DEFAULT);
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, logits.data()) >= 0);
    H5Dclose(dataset);
  });
  CHECK(verify(ReferenceDump(path), graph, parameters, {}).verdict() == Verdict::bug);
}

TEST_CASE("a dump of another network is refused") {
  const Folder folder;
  const Graph graph = cifar(1);
  const auto parameters = random_parameters(graph, Precision::float64);
  const auto dumped = [&](const std::string& architecture) {
    return ReferenceDump(
        write_dump<double>(folder / "D.h5", graph, parameters, {.architecture = architecture}));
  };
  ModelInfo info = small_info();
  info.architecture = "cifar_resnet20";
  info.classes.assign(10, "a class");
  CHECK(network_of(dumped("cifar_resnet20"), info).values().size() == graph.values().size());
  CHECK(mentions(refusal([&] { network_of(dumped("cifar_resnet32"), info); }),
                 {"cifar_resnet32", "cifar_resnet20"}));
  // Of the same architecture in name only.
  const Graph other = small_resnet(false);
  const ReferenceDump dump(write_dump<double>(folder / "D.h5", graph, parameters));
  CHECK(refusal([&] { verify(dump, other, random_parameters(other, Precision::float64), {}); }) != "");
}
