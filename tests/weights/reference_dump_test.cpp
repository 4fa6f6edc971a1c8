#include "weights/verification/reference_dump.h"

#include <cmath>
#include <functional>

#include "h5_fixtures.h"

using namespace backlight;
using namespace backlight::test;
using Part = ReferenceDump::Part;

namespace {

hid_t group(hid_t parent, const char* name) {
  const hid_t id = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE(id >= 0);
  return id;
}

void add_floats(hid_t parent, const char* name, const std::vector<hsize_t>& extents, double first = 0,
                hid_t type = H5T_IEEE_F32LE) {
  std::size_t elements = 1;
  for (const hsize_t extent : extents) elements *= extent;
  std::vector<double> values(elements);
  for (double& value : values) value = first++;
  add_dataset(parent, name, type, extents, H5T_NATIVE_DOUBLE, values.data());
}

void add_integers(hid_t parent, const char* name, const std::vector<std::int64_t>& values) {
  add_dataset(parent, name, H5T_STD_I64LE, {values.size()}, H5T_NATIVE_INT64, values.data());
}

void add_sample(hid_t parent, const char* name, const std::vector<std::int64_t>& shape,
                const std::vector<std::int64_t>& index, double first = 0) {
  const hid_t sample = group(parent, name);
  add_integers(sample, "shape", shape);
  add_integers(sample, "index", index);
  add_floats(sample, "value", {index.size()}, first);
  H5Gclose(sample);
}

void remove(hid_t file, const char* path) { REQUIRE(H5Ldelete(file, path, H5P_DEFAULT) >= 0); }

/// A dump of a batch of two images and three classes: conv1 whole, pool a sample.
fs::path write_dump(const Folder& folder) {
  const fs::path path = folder / "D.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  set_text(file, "format", "backlight-reference-dump");
  set_integer(file, "version", 1);
  set_text(file, "producer", "a test");
  set_text(file, "architecture", "custom");
  set_text(file, "rule", "guided");
  set_text(file, "objective", "cross_entropy");
  add_floats(file, "input", {2, 3, 4, 5}, 100);
  add_integers(file, "target", {2, 0});
  add_floats(file, "logits", {2, 3}, 7);
  add_floats(file, "input_gradient", {2, 3, 4, 5}, -3);
  for (const char* part : {"activations", "gradients"}) {
    const hid_t nodes = group(file, part);
    add_floats(nodes, "conv1", {2, 8, 2, 2}, part[0] == 'a' ? 0 : 50);
    add_sample(nodes, "layer1.0", {2, 1000, 9}, {0, 4, 17'999}, 5);
    H5Gclose(nodes);
  }
  const hid_t parameters = group(file, "parameter_gradients");
  add_floats(parameters, "conv1.weight", {8, 3, 3, 3});
  H5Gclose(parameters);
  REQUIRE(H5Fclose(file) >= 0);
  return path;
}

/// What opening the dump and reading all of it says after `change`.
std::string after(const std::function<void(hid_t)>& change) {
  const Folder folder;
  const fs::path path = write_dump(folder);
  edit(path, change);
  const std::string message = refusal([&] {
    const ReferenceDump dump(path);
    dump.target(3);
    for (const std::string& each : dump.paths()) dump.read(each);
  });
  CHECK((message.empty() || mentions(message, {path.string() + ": "})));
  return message;
}

/// Does `act` to the place of a node in a part, after what stands there is gone.
std::string instead(const char* part, const char* name, const std::function<void(hid_t)>& act) {
  return after([&](hid_t file) {
    const hid_t nodes = H5Gopen2(file, part, H5P_DEFAULT);
    remove(nodes, name);
    act(nodes);
    H5Gclose(nodes);
  });
}

}  // namespace

TEST_CASE("a reference dump gives what it holds, whole or sampled") {
  const Folder folder;
  const ReferenceDump dump(write_dump(folder));
  CHECK(dump.producer() == "a test");
  CHECK(dump.architecture() == "custom");
  CHECK(dump.rule() == ReluRule::guided);
  CHECK(dump.objective() == Objective::cross_entropy);
  CHECK(dump.precision() == Precision::float32);
  CHECK(dump.input_shape() == Shape{2, 3, 4, 5});
  CHECK(dump.target(3) == std::vector<std::int64_t>{2, 0});
  CHECK(mentions(refusal([&] { dump.target(2); }), {"'target'", "from 0 to 1, found 2"}));
  CHECK(dump.names(Part::gradients) == std::vector<std::string>{"conv1", "layer1.0"});
  CHECK(dump.names(Part::parameter_gradients) == std::vector<std::string>{"conv1.weight"});
  CHECK(dump.contains(Part::activations, "conv1"));
  CHECK(!dump.contains(Part::parameter_gradients, "conv1"));
  CHECK_THROWS_AS(dump.read(Part::activations, "fc"), UsageError);

  const DumpTensor conv = dump.read(Part::gradients, "conv1");
  CHECK(conv.whole());
  CHECK(conv.shape == Shape{2, 8, 2, 2});
  REQUIRE(conv.value.size() == 64);
  CHECK(conv.value[63] == 113);
  const DumpTensor layer = dump.read(Part::activations, "layer1.0");
  CHECK(!layer.whole());
  CHECK(!dump.whole(Part::activations, "layer1.0"));
  CHECK(layer.shape == Shape{2, 1000, 9});
  CHECK(layer.index == std::vector<std::int64_t>{0, 4, 17'999});
  CHECK(layer.value == std::vector<double>{5, 6, 7});
  CHECK(dump.input().value[119] == 219);
  CHECK(dump.read("logits").value == std::vector<double>{7, 8, 9, 10, 11, 12});
  CHECK(dump.read("input_gradient").value[0] == -3);
}

TEST_CASE("a dump of everything or of some of it is read") {
  CHECK(after([](hid_t) {}).empty());
  for (const char* name : {"logits", "input_gradient", "activations", "gradients", "parameter_gradients"})
    CHECK(after([&](hid_t file) { remove(file, name); }).empty());
}

TEST_CASE("a reference dump in float64, without nodes") {
  const Folder folder;
  const fs::path path = write_dump(folder);
  edit(path, [](hid_t file) {
    remove(file, "parameter_gradients");
    for (const char* part : {"activations", "gradients"}) {
      remove(file, part);
      H5Gclose(group(file, part));
    }
    for (const char* name : {"input", "input_gradient", "logits"}) remove(file, name);
    add_floats(file, "input", {2, 3, 1, 1}, 0.1, H5T_IEEE_F64LE);
    add_floats(file, "input_gradient", {2, 3, 1, 1}, 0.1, H5T_IEEE_F64LE);
    add_floats(file, "logits", {2, 3}, 0.1, H5T_IEEE_F64LE);
  });
  const ReferenceDump dump(path);
  CHECK(dump.precision() == Precision::float64);
  CHECK(dump.input().value[0] == 0.1);
  CHECK(dump.names(Part::activations).empty());
}

TEST_CASE("a dump's attributes must be known") {
  const auto with = [](const char* name, const std::string& value) {
    return after([&](hid_t file) { set_text(file, name, value); });
  };
  for (const char* name : {"format", "version", "producer", "architecture", "rule", "objective"}) {
    CAPTURE(name);
    CHECK(mentions(after([&](hid_t file) { H5Adelete(file, name); }), {name}));
    CHECK(mentions(after([&](hid_t file) {
                     const double number = 1;
                     set_attribute(file, name, H5T_NATIVE_DOUBLE, {}, &number);
                   }),
                   {name, "found float64"}));
  }
  CHECK(mentions(with("format", "backlight-weights"), {"expected the format 'backlight-reference-dump'"}));
  CHECK(mentions(after([](hid_t file) { set_integer(file, "version", 2); }), {"is version 2"}));
  CHECK(mentions(with("rule", "lrp"), {"'rule'", "'lrp' is not known"}));
  CHECK(mentions(with("objective", "loss"), {"'objective'", "'loss' is not known"}));
}

TEST_CASE("a dump's tensors must fit each other") {
  for (const char* name : {"input", "target"})
    CHECK(mentions(after([&](hid_t file) { remove(file, name); }),
                   {"there is no '" + std::string(name) + "'"}));
  const auto replaced = [](const char* name, const std::vector<hsize_t>& extents,
                           hid_t type = H5T_IEEE_F32LE) {
    return after([&](hid_t file) {
      remove(file, name);
      add_floats(file, name, extents, 0, type);
    });
  };
  CHECK(mentions(replaced("input", {2, 4, 4, 5}), {"'input'", "expected shape Nx3xHxW, found 2x4x4x5"}));
  CHECK(mentions(replaced("input", {2, 3}), {"'input'", "found 2x3"}));
  CHECK(mentions(replaced("input", {2, 3, 4, 5}, H5T_STD_I64LE), {"'input'", "found integers"}));
  CHECK(mentions(replaced("logits", {2, 3}, H5T_IEEE_F64LE), {"'logits'", "expected float32"}));
  CHECK(mentions(replaced("target", {2}), {"'target'", "expected integers, found float32"}));
  const auto target = [](const std::vector<std::int64_t>& values) {
    return after([&](hid_t file) {
      remove(file, "target");
      add_integers(file, "target", values);
    });
  };
  CHECK(mentions(target({0}), {"'target'", "expected shape 2, found 1"}));
  CHECK(mentions(target({0, 3}), {"'target'", "from 0 to 2, found 3"}));
  CHECK(mentions(target({-1, 0}), {"'target'", "found -1"}));

  CHECK(mentions(instead("gradients", "conv1",
                         [](hid_t nodes) {
                           add_floats(nodes, "conv1", {2, 8, 2, 2}, 0, H5T_IEEE_F64LE);
                         }),
                 {"'gradients/conv1'", "expected float32"}));
  CHECK(mentions(instead("gradients", "conv1",
                         [](hid_t nodes) {
                           add_floats(nodes, "conv1", {2, 8, 2, 2}, std::nan(""));
                         }),
                 {"'gradients/conv1'", "NaN"}));
  CHECK(mentions(after([](hid_t file) { add_floats(file, "logit", {2, 3}); }), {"'logit' is no part"}));
  CHECK(mentions(after([](hid_t file) {
                   remove(file, "logits");
                   H5Lcreate_soft("/input", file, "logits", H5P_DEFAULT, H5P_DEFAULT);
                 }),
                 {"'logits'", "link"}));
  CHECK(mentions(after([](hid_t file) {
                   remove(file, "gradients");
                   add_floats(file, "gradients", {2, 3});
                 }),
                 {"'gradients'", "expected a group"}));
}

TEST_CASE("a dump's samples must be consistent") {
  const auto sample = [](const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& index) {
    return instead("activations", "layer1.0",
                   [&](hid_t nodes) { add_sample(nodes, "layer1.0", shape, index); });
  };
  CHECK(sample({2, 1000, 9}, {17'999}).empty());
  CHECK(
      mentions(sample({2, 1000, 9}, {18'000}), {"'activations/layer1.0/index'", "below 18000, found 18000"}));
  CHECK(mentions(sample({2, 1000, 9}, {-1, 3}), {"'activations/layer1.0/index'", "found -1"}));
  CHECK(mentions(sample({2, 1000, 9}, {3, 3}), {"'activations/layer1.0/index'", "ascending", "found 3"}));
  CHECK(mentions(sample({2, 1000, 9}, {4, 3}), {"'activations/layer1.0/index'", "ascending", "found 3"}));
  CHECK(mentions(sample({2, 1}, {0, 1, 2}), {"'activations/layer1.0/index'", "at most the 2 elements"}));
  CHECK(mentions(sample({2, 0}, {0}), {"'activations/layer1.0/shape'", "at least 1"}));
  CHECK(mentions(sample({2, std::int64_t{1} << 40}, {0}), {"'activations/layer1.0/shape'", "2^40"}));
  CHECK(
      mentions(sample({2, 1, 1, 1, 1, 1, 1, 1, 1}, {0}), {"'activations/layer1.0/shape'", "1 to 8 extents"}));

  const auto spoiled = [](const std::function<void(hid_t)>& change) {
    return after([&](hid_t file) {
      const hid_t node = H5Gopen2(file, "gradients/layer1.0", H5P_DEFAULT);
      change(node);
      H5Gclose(node);
    });
  };
  for (const char* name : {"shape", "index", "value"})
    CHECK(mentions(spoiled([&](hid_t node) { remove(node, name); }),
                   {"there is no 'gradients/layer1.0/" + std::string(name) + "'"}));
  CHECK(mentions(spoiled([](hid_t node) { add_integers(node, "scale", {1}); }),
                 {"'gradients/layer1.0'", "'scale' is no part"}));
  CHECK(mentions(spoiled([](hid_t node) {
                   remove(node, "value");
                   add_floats(node, "value", {2});
                 }),
                 {"'gradients/layer1.0/value'", "expected shape 3, found 2"}));
  CHECK(mentions(spoiled([](hid_t node) {
                   remove(node, "index");
                   add_floats(node, "index", {3});
                 }),
                 {"'gradients/layer1.0/index'", "expected integers"}));
}

TEST_CASE("a truncated dump is refused, and so is another file") {
  const Folder folder;
  const fs::path path = write_dump(folder);
  const std::string bytes = bytes_of(path);
  write_bytes(path, bytes.substr(0, bytes.size() / 2));
  CHECK(mentions(refusal([&] { ReferenceDump{path}; }), {"D.h5", "truncated"}));
  CHECK(mentions(refusal([&] { ReferenceDump{write_small_file(folder)}; }),
                 {"W.h5", "expected the format 'backlight-reference-dump', found 'backlight-weights'"}));
}
