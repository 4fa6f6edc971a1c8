// `backlight dump`, and `verify` on what it writes and on the dump of PyTorch's that ships with the tests.
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

const fs::path shipped = fs::path(FIXTURES) / "custom_cnn_dump.h5";

}  // namespace

TEST_CASE("the dump of PyTorch's that ships passes, and a doctored copy names the node that is wrong") {
  const Desk desk;
  CHECK(mentions(desk.text({"verify", shipped}), {"pass: every node agrees"}));
  const json report = desk.json({"verify", shipped});
  CHECK(report["verdict"] == "pass");
  fs::copy_file(shipped, desk.path("D.h5"));
  edit(desk.path("D.h5"), [](hid_t file) {
    const hid_t dataset = H5Dopen2(file, "gradients/bn3", H5P_DEFAULT), space = H5Dget_space(dataset);
    std::vector<float> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    for (float& value : values) value *= 1.01f;
    H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Sclose(space), H5Dclose(dataset);
  });
  const Result result = desk.run({"verify", "D.h5"});
  CHECK(result.status == 3);
  CHECK(mentions(result.out, {"differs: the first that is wrong is the backward of", "seen at 'bn3'"}));
}

TEST_CASE("a dump of Backlight's own passes, alone and beside another") {
  const Desk desk;
  const json written = desk.json({"dump", "photo.png", "-w", "W.h5", "--class", "cat", "-o", "one.h5"});
  CHECK(written["class"]["name"] == "cat");
  desk.text({"dump", "photo.png", "-w", "W.h5", "--class", "cat", "--precision", "float64", "-o", "two.h5"});
  CHECK(desk.json({"verify", "one.h5", "-w", "W.h5"})["verdict"] == "pass");
  CHECK(desk.json({"verify", "two.h5", "-w", "W.h5"})["verdict"] == "pass");
  CHECK(mentions(desk.text({"verify", "one.h5", "two.h5"}), {"pass: the dumps agree"}));
  desk.text({"dump", "photo.png", "-w", "W.h5", "--class", "dog", "-o", "dog.h5"});
  desk.refuses(1, {"verify", "one.h5", "dog.h5"}, {"dog.h5: its targets are other classes"});
  write_cifar_weights(desk.path("other.h5"), 2);
  desk.text({"dump", "photo.png", "-w", "other.h5", "--class", "cat", "-o", "other_dump.h5"});
  const Result result = desk.run({"verify", "one.h5", "other_dump.h5"});
  CHECK(result.status == 3);
  CHECK(mentions(result.out, {"differs: first at 'conv1'"}));
}

TEST_CASE("dump and the comparison of dumps refuse what makes no sense") {
  const Desk desk;
  desk.refuses(2, {"dump", "photo.png", "-w", "W.h5", "-o", "D.png"}, {"D.png", ".h5"});
  desk.refuses(2, {"dump", "photo.png", "-w", "W.h5", "--rule", "best"}, {"best"});
  desk.refuses(1, {"dump", "none.png", "-w", "W.h5"}, {"none.png"});
  desk.text({"dump", "photo.png", "-w", "W.h5", "-o", "one.h5"});
  desk.refuses(2, {"verify", "one.h5", "one.h5", "-w", "W.h5"}, {"--weights", "two dumps"});
  desk.refuses(1, {"verify", "one.h5", "W.h5"}, {"W.h5", "backlight-reference-dump"});
}
