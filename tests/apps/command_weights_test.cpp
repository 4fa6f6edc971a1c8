// Weight files that cannot be used, given to the executable.
#include <cmath>

#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

namespace {

/// Every command that reads weights, with all it needs besides.
const std::vector<std::vector<std::string>> commands{
    {"classify", "photo.png", "--weights", "W.h5"},
    {"gradient", "photo.png", "--weights", "W.h5", "--out", "G.npy"},
    {"saliency", "photo.png", "--weights", "W.h5", "--out", "M.png", "--json"},
    {"fgsm", "photo.png", "--weights", "W.h5", "--out", "F.png"},
    {"class-image", "--class", "cat", "--weights", "W.h5", "--out", "C.png"},
    {"info", "W.h5"}};

void all_refuse(const Desk& desk, const std::vector<std::string>& parts) {
  for (const std::vector<std::string>& command : commands) desk.refuses(1, command, parts);
}

void spoil(const Desk& desk, const std::function<void(hid_t)>& change) {
  write_cifar_weights(desk.path("W.h5"));
  edit(desk.path("W.h5"), change);
}

void remove(hid_t file, const char* name) { REQUIRE(H5Ldelete(file, name, H5P_DEFAULT) >= 0); }

}  // namespace

TEST_CASE("commands refuse weights that are truncated, empty, text, a folder or missing") {
  const Desk desk;
  const std::string good = bytes_of(desk.path("W.h5"));
  for (const std::size_t size : {good.size() - 1, good.size() / 2, std::size_t{600}, std::size_t{20}}) {
    CAPTURE(size);
    write_bytes(desk.path("W.h5"), good.substr(0, size));
    all_refuse(desk, {"W.h5: "});
  }
  write_bytes(desk.path("W.h5"), "");
  all_refuse(desk, {"W.h5: "});
  write_bytes(desk.path("W.h5"), "conv1.weight = 3\n");
  all_refuse(desk, {"W.h5: ", "HDF5"});
  fs::remove(desk.path("W.h5"));
  all_refuse(desk, {"W.h5: ", "no such file"});
  fs::create_directory(desk.path("W.h5"));
  all_refuse(desk, {"W.h5: "});
}

TEST_CASE("commands refuse weights of another architecture than they say") {
  const Desk desk;
  spoil(desk, [](hid_t file) { set_text(file, "architecture", "cifar_resnet32"); });
  all_refuse(desk, {"W.h5: ", "'layer1.3.", "missing"});
  spoil(desk, [](hid_t file) { set_text(file, "architecture", "resnet18"); });
  all_refuse(desk, {"W.h5: "});
  spoil(desk, [](hid_t file) { set_text(file, "architecture", "transformer"); });
  all_refuse(desk, {"W.h5", "transformer"});
  spoil(desk, [](hid_t file) { set_text(file, "format", "backlight-reference-dump"); });
  all_refuse(desk, {"W.h5: ", "backlight-reference-dump"});
}

TEST_CASE("commands refuse a tensor that is missing, extra, transposed or not finite") {
  const Desk desk;
  spoil(desk, [](hid_t file) { remove(file, "layer2.1.bn1.running_var"); });
  all_refuse(desk, {"W.h5: ", "'layer2.1.bn1.running_var' is missing"});

  const std::vector<float> zeros(16 * 16 * 3 * 3);
  spoil(desk, [&](hid_t file) {
    add_dataset(file, "layer4.0.conv1.weight", H5T_IEEE_F32LE, {16, 16, 3, 3}, H5T_NATIVE_FLOAT,
                zeros.data());
  });
  all_refuse(desk, {"W.h5: ", "'layer4.0.conv1.weight' is none of the network's"});

  spoil(desk, [&](hid_t file) {
    remove(file, "linear.weight");
    add_dataset(file, "linear.weight", H5T_IEEE_F32LE, {64, 10}, H5T_NATIVE_FLOAT, zeros.data());
  });
  all_refuse(desk, {"W.h5: ", "'linear.weight'", "expected shape 10x64, found 64x10"});

  for (const float bad : {std::nanf(""), INFINITY, -INFINITY}) {
    spoil(desk, [&](hid_t file) {
      std::vector<float> bias(10, 0.5f);
      bias[7] = bad;
      remove(file, "linear.bias");
      add_dataset(file, "linear.bias", H5T_IEEE_F32LE, {10}, H5T_NATIVE_FLOAT, bias.data());
    });
    all_refuse(desk, {"W.h5: ", "'linear.bias'", "element 7 is not finite"});
  }
}

TEST_CASE("commands refuse a string where a number belongs, and the other way round") {
  const Desk desk;
  spoil(desk, [](hid_t file) { set_text(file, "input_size", "32"); });
  all_refuse(desk, {"W.h5: ", "'input_size'"});
  spoil(desk, [](hid_t file) { set_text(file, "mean", "0.5 0.5 0.5"); });
  all_refuse(desk, {"W.h5: ", "'mean'"});
  spoil(desk, [](hid_t file) { set_integer(file, "architecture", 20); });
  all_refuse(desk, {"W.h5: ", "'architecture'"});
  spoil(desk, [](hid_t file) {
    remove(file, "linear.bias");
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 4);
    add_dataset(file, "linear.bias", type, {10}, type, "0.100.100.100.100.100.100.100.100.100.10");
    H5Tclose(type);
  });
  all_refuse(desk, {"W.h5: ", "'linear.bias'"});
}

TEST_CASE("commands refuse a size that no network can have before anything of it is allocated") {
  const Desk desk;
  for (const std::int64_t size : {std::int64_t{-32}, std::int64_t{0}, std::int64_t{1} << 40}) {
    spoil(desk, [&](hid_t file) { set_integer(file, "input_size", size); });
    all_refuse(desk, {"W.h5: ", "'input_size'", std::to_string(size)});
  }
  spoil(desk, [](hid_t file) {
    remove(file, "linear.weight");
    add_dataset(file, "linear.weight", H5T_IEEE_F32LE,
                {10, hsize_t{1} << 36});  // never written: takes no room
  });
  all_refuse(desk, {"W.h5: ", "'linear.weight'"});
}
