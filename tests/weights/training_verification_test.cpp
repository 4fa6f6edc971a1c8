// Training against what PyTorch computed: tests/fixtures/training.h5, made by
//   weights/dump_training.py custom_cnn --input-size 32 --sample 12 -o tests/fixtures/training.h5
#include "weights/verification/training_verification.h"

#include <cmath>
#include <functional>
#include <set>

#include "h5_fixtures.h"

using namespace backlight;
using namespace backlight::test;

namespace {

const fs::path fixture = fs::path(FIXTURES) / "training.h5";

/// The fixture after `change`.
TrainingDump changed(const std::function<void(TrainingDump&)>& change) {
  TrainingDump dump = read_training_dump(fixture);
  change(dump);
  return dump;
}

std::set<std::string> parameters_off(const TrainingVerification& result) {
  std::set<std::string> names;
  for (const VerifiedParameter& row : result.parameters)
    if (TrainingVerification::off(row)) names.insert(row.name);
  return names;
}

/// What reading the file says after `change`.
std::string refused(const std::function<void(hid_t)>& change) {
  const Folder folder;
  const fs::path path = folder / "D.h5";
  fs::copy_file(fixture, path);
  edit(path, change);
  const std::string message = refusal([&] { read_training_dump(path); });
  CHECK(mentions(message, {path.string() + ": "}));
  return message;
}

void set_number(hid_t file, const char* group, const char* name, double value) {
  const hid_t id = H5Gopen2(file, group, H5P_DEFAULT);
  set_attribute(id, name, H5T_NATIVE_DOUBLE, {}, &value);
  H5Gclose(id);
}

void replace_list(hid_t file, const char* path, hid_t type, hid_t memory_type,
                  const std::vector<hsize_t>& extents, const void* values) {
  REQUIRE(H5Ldelete(file, path, H5P_DEFAULT) >= 0);
  add_dataset(file, path, type, extents, memory_type, values);
}

}  // namespace

TEST_CASE("the custom CNN trains as it does in PyTorch: gradients, statistics, SGD and AdamW") {
  const TrainingDump dump = read_training_dump(fixture);
  CHECK(dump.architecture == "custom_cnn");
  CHECK(dump.producer.starts_with("torch "));
  const TrainingVerification result = verify(dump, {.threads = 2});
  CHECK(result.parameters.size() == 6 * 5 + 2);
  CHECK(result.worst_parameter().distance <= 1e-10);
  REQUIRE(result.runs.size() == 2);
  for (const VerifiedRun& run : result.runs) {
    CHECK(run.losses.size() == 20);
    CHECK(run.distance <= 1e-8);
    CHECK(run.losses.back() < 0.1 * run.losses.front());
  }
  CHECK(result.pass());
}

TEST_CASE("a gradient or running statistic that differs is named, and no other") {
  for (const std::string name : {"conv3.weight", "bn1.bias", "fc.bias"})
    CHECK(parameters_off(verify(changed([&](TrainingDump& dump) {
                                  dump.runs.clear();
                                  dump.gradients[name].value[2] *= 1 + 1e-7;
                                }),
                                {})) == std::set{name});
  CHECK(parameters_off(verify(changed([](TrainingDump& dump) {
                                dump.runs.clear();
                                dump.statistics["bn5.running_var"].value[0] += 1e-8;
                              }),
                              {})) == std::set<std::string>{"bn5.running_var"});
}

TEST_CASE("an optimizer that takes other steps is noticed by its losses") {
  const auto runs_off = [](const std::function<void(TrainingDump::Run&)>& change) {
    std::size_t off = 0;
    for (const std::size_t which : {0u, 1u}) {
      const TrainingVerification result = verify(changed([&](TrainingDump& dump) {
                                                   dump.runs = {dump.runs[which]};
                                                   dump.runs[0].losses.resize(4);
                                                   change(dump.runs[0]);
                                                 }),
                                                 {});
      CHECK(parameters_off(result).empty());
      CHECK(result.runs[0].worst > 0);  // the first loss is that of the start
      off += TrainingVerification::off(result.runs[0]);
    }
    return off;
  };
  CHECK(runs_off([](TrainingDump::Run& run) { run.optimizer.weight_decay *= 1.01; }) == 2);
  CHECK(runs_off([](TrainingDump::Run& run) { run.rate *= 1.000001; }) == 2);
  CHECK(runs_off([](TrainingDump::Run& run) { run.optimizer.momentum *= 1.0001; }) == 1);
  CHECK(runs_off([](TrainingDump::Run& run) { run.optimizer.beta2 *= 0.9999; }) == 1);
  CHECK(runs_off([](TrainingDump::Run& run) { run.losses[3] += 1e-7; }) == 2);
}

TEST_CASE("a training dump of other parameters than the network's is refused") {
  const auto refusing = [](const std::function<void(TrainingDump&)>& change) {
    return refusal([&] { verify(changed(change), {}); });
  };
  CHECK(mentions(refusing([](TrainingDump& dump) { dump.gradients.erase("fc.weight"); }),
                 {"no gradient of 'fc.weight'"}));
  CHECK(mentions(refusing([](TrainingDump& dump) { dump.statistics.erase("bn2.running_mean"); }),
                 {"no statistic of 'bn2.running_mean'"}));
  CHECK(mentions(refusing([](TrainingDump& dump) { dump.gradients["conv7.weight"]; }),
                 {"'conv7.weight' is no parameter of custom_cnn"}));
  CHECK(mentions(refusing([](TrainingDump& dump) { dump.classes = 7; }), {"'fc.weight'", "5x128", "7x128"}));
  CHECK(mentions(refusing([](TrainingDump& dump) { dump.architecture = "transformer"; }),
                 {"'transformer' is unknown"}));
}

TEST_CASE("a training dump must make sense") {
  const auto with_integer = [](const char* name, std::int64_t value) {
    return refused([&](hid_t file) { set_integer(file, name, value); });
  };
  CHECK(mentions(with_integer("version", 2), {"version 2"}));
  CHECK(mentions(with_integer("batch", 3), {"'images'", "whole batches of 3", "8 images"}));
  CHECK(mentions(with_integer("batch", 0), {"'batch'", "1 to 8", "found 0"}));
  CHECK(mentions(with_integer("classes", 2), {"'labels'", "0 to 1"}));
  CHECK(mentions(with_integer("classes", std::int64_t{1} << 40), {"'classes'"}));
  CHECK(mentions(refused([](hid_t file) { set_text(file, "seed", "one"); }), {"'seed'"}));
  CHECK(mentions(refused([](hid_t file) { H5Adelete(file, "architecture"); }), {"'architecture'"}));
  CHECK(mentions(refused([](hid_t file) { H5Ldelete(file, "adamw", H5P_DEFAULT); }), {"'adamw'"}));
  CHECK(mentions(refused([](hid_t file) { set_number(file, "sgd", "rate", std::nan("")); }),
                 {"'sgd'", "'rate'"}));
  CHECK(mentions(refused([](hid_t file) { set_number(file, "adamw", "beta1", 1.5); }), {"'beta1'", "1.5"}));
  CHECK(mentions(refused([](hid_t file) {
                   const double losses[]{1, INFINITY};
                   replace_list(file, "sgd/losses", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {2}, losses);
                 }),
                 {"losses", "NaN or infinity"}));
  CHECK(mentions(refused([](hid_t file) {
                   const std::int64_t labels[]{1, 2, 3};
                   replace_list(file, "labels", H5T_STD_I64LE, H5T_NATIVE_INT64, {3}, labels);
                 }),
                 {"'labels'", "expected shape 8, found 3"}));
  CHECK(
      mentions(refused([](hid_t file) {
                 const std::vector<double> grey(8 * 32 * 32);
                 replace_list(file, "images", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, {8, 1, 32, 32}, grey.data());
               }),
               {"'images'", "Mx3xSxS", "8x1x32x32"}));
}
