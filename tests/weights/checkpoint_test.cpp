#include "weights/checkpoint.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/error.h"
#include "layers/initialize.h"
#include "layers/network.h"
#include "tests/weights/h5_fixtures.h"

using namespace backlight;
using namespace backlight::test;

namespace {

/// A network that is being trained: parameters and an optimizer whose state is not zero.
struct Run {
  Graph graph = build_network("cifar_resnet20", {.input_size = 32, .classes = 10});
  std::shared_ptr<Parameters> parameters;
  Optimizer optimizer;

  explicit Run(std::uint64_t seed, OptimizerOptions::Method method = OptimizerOptions::Method::adamw,
               Precision precision = Precision::float32)
      : parameters(std::make_shared<Parameters>(initialize(graph, seed, precision))),
        optimizer(graph, parameters, {.method = method}) {
    for (const std::string& name : optimizer.state().names()) {
      const Tensor tensor = optimizer.state().at(name);
      std::vector<double> elements;
      for (std::int64_t i = 0; i < tensor.shape.elements(); ++i)
        elements.push_back(static_cast<double>(seed) / static_cast<double>(i + 3));
      tensor.assign(std::span<const double>(elements));
    }
    optimizer.set_steps(static_cast<std::int64_t>(seed));
  }
  void write(const fs::path& path) const {
    write_checkpoint(path,
                     {.settings = "{}",
                      .data = "d",
                      .command = "c",
                      .history = "a\nb",
                      .architecture = "cifar_resnet20",
                      .epoch = 3,
                      .place = 7,
                      .sums = {0.1, 2}},
                     graph, *parameters, optimizer);
  }
  void read(const fs::path& path) { read_checkpoint(path, graph, *parameters, optimizer); }
  std::vector<double> all() const {
    std::vector<double> numbers{static_cast<double>(optimizer.steps())};
    for (const Parameters* some : {static_cast<const Parameters*>(parameters.get()), &optimizer.state()})
      for (const std::string& name : some->names())
        for (const double x : some->at(name).copy<double>()) numbers.push_back(x);
    return numbers;
  }
};

void refuses(const fs::path& path, Run& run, const std::vector<std::string>& parts) {
  const std::vector<double> before = run.all();
  try {
    run.read(path);
    FAIL_CHECK("was read");
  } catch (const Error& error) {
    CHECK_MESSAGE(mentions(error.what(), parts), error.what());
  }
  CHECK(run.all() == before);
}

}  // namespace

TEST_CASE("a checkpoint gives back every bit, and the same bytes for the same run") {
  const Folder folder;
  const fs::path path = folder / "run.checkpoint.h5", again = folder / "again.checkpoint.h5";
  const Run written(5);
  written.write(path);
  written.write(again);
  CHECK(bytes_of(path) == bytes_of(again));
  Run read(1);
  CHECK(read.all() != written.all());
  read.read(path);
  CHECK(read.all() == written.all());
  const CheckpointState state = read_checkpoint_state(path);
  CHECK(state.settings == "{}");
  CHECK(state.data == "d");
  CHECK(state.command == "c");
  CHECK(state.history == "a\nb");
  CHECK(state.epoch == 3);
  CHECK(state.place == 7);
  CHECK(state.sums == std::vector<double>{0.1, 2});
}

TEST_CASE("a checkpoint keeps the precision of the run, and no other run reads it") {
  const auto adamw = OptimizerOptions::Method::adamw;
  const Folder folder;
  const fs::path path = folder / "run.checkpoint.h5";
  const Run written(5, adamw, Precision::float64);
  written.write(path);
  Run read(1, adamw, Precision::float64), single(1);
  read.read(path);
  CHECK(read.all() == written.all());
  refuses(path, single, {"run.checkpoint.h5", "'parameter.", "expected float32 elements, found float64"});
  single.write(path);
  refuses(path, read, {"run.checkpoint.h5", "'parameter.", "expected float64 elements, found float32"});
}

TEST_CASE("a checkpoint of another network, optimizer, format or version is refused and changes nothing") {
  const Folder folder;
  const fs::path path = folder / "run.checkpoint.h5";
  Run run(5), sgd(5, OptimizerOptions::Method::sgd);
  run.write(path);
  refuses(path, sgd, {"run.checkpoint.h5", "velocity"});
  edit(path, [](hid_t file) { REQUIRE(H5Ldelete(file, "optimizer.mean.bn1.bias", H5P_DEFAULT) >= 0); });
  refuses(path, run, {"run.checkpoint.h5", "optimizer.mean.bn1.bias"});
  run.write(path);
  edit(path, [](hid_t file) { set_integer(file, "version", 2); });
  refuses(path, run, {"run.checkpoint.h5", "version 2"});
  CHECK_THROWS_AS(read_checkpoint_state(path), Error);
  run.write(path);
  edit(path, [](hid_t file) { set_text(file, "format", "backlight-weights"); });
  refuses(path, run, {"run.checkpoint.h5", "backlight-weights"});
  run.write(path);
  edit(path, [](hid_t file) { set_integer(file, "steps", -1); });
  refuses(path, run, {"'steps'", "-1"});
  run.write(path);
  edit(path, [](hid_t file) {
    std::vector<float> bias(10, std::nanf(""));
    REQUIRE(H5Ldelete(file, "parameter.linear.bias", H5P_DEFAULT) >= 0);
    add_dataset(file, "parameter.linear.bias", H5T_IEEE_F32LE, {10}, H5T_NATIVE_FLOAT, bias.data());
  });
  refuses(path, run, {"'parameter.linear.bias'", "element 0 is not finite"});
  run.write(path);
  edit(path, [](hid_t file) {
    std::vector<float> bias(9);
    REQUIRE(H5Ldelete(file, "parameter.linear.bias", H5P_DEFAULT) >= 0);
    add_dataset(file, "parameter.linear.bias", H5T_IEEE_F32LE, {9}, H5T_NATIVE_FLOAT, bias.data());
  });
  refuses(path, run, {"'parameter.linear.bias'", "10", "9"});
  run.write(path);
  edit(path, [](hid_t file) { add_dataset(file, "parameter.more", H5T_IEEE_F32LE, {3}); });
  refuses(path, run, {"run.checkpoint.h5", "'parameter.more' is none of the network's"});
  write_bytes(path, bytes_of(path).substr(0, 5000));
  refuses(path, run, {"run.checkpoint.h5"});
}

TEST_CASE("a network that is spoilt does not replace the last good checkpoint") {
  const Folder folder;
  const fs::path path = folder / "run.checkpoint.h5";
  const Run run(5);
  run.write(path);
  const std::string good = bytes_of(path);
  run.parameters->at("linear.bias").as<float>()[3] = INFINITY;
  CHECK_THROWS_AS(run.write(path), Error);
  CHECK(bytes_of(path) == good);
}
