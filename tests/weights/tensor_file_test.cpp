#include "weights/tensor_file.h"

#include "h5_fixtures.h"
#include "weights/hdf5/file.h"

using namespace backlight;
using namespace backlight::test;

TEST_CASE("a tensor file holds the bits, the shape and the attributes") {
  const Folder folder;
  const std::vector<float> values{1, -2, 3.5f, 0, -0.0f, 1e-30f};
  write_tensor_h5(folder / "G.h5", "gradient", {1, 3, 1, 2}, values,
                  {{"rule", "guided"}, {"class", "caf\xC3\xA9"}});
  const hdf5::Group root = hdf5::open_file(folder / "G.h5");
  CHECK(root.names() == std::vector<std::string>{"gradient"});
  CHECK(root.dataset("gradient").shape() == Shape{1, 3, 1, 2});
  const std::vector<float> found = root.dataset("gradient").read<float>();
  CHECK(std::memcmp(found.data(), values.data(), sizeof(float) * values.size()) == 0);
  CHECK(root.text("rule") == "guided");
  CHECK(root.text("class") == "caf\xC3\xA9");
}

TEST_CASE("a tensor file that cannot be written leaves nothing") {
  const Folder folder;
  const std::vector<float> values{1};
  const auto writing = [&](const fs::path& path, const std::string& name, const std::string& text) {
    return refusal([&] { write_tensor_h5(path, name, {1}, values, {{"source", text}}); });
  };
  CHECK(mentions(writing(folder / "none/G.h5", "x", ""), {"none/G.h5"}));
  CHECK(mentions(writing(folder / "", "x", ""), {"cannot write"}));
  CHECK(mentions(writing(folder / "G.h5", "a/b/c", ""), {"'a/b/c'"}));  // one group is as deep as it goes
  CHECK(mentions(writing(folder / "G.h5", "x", "\xFF"), {"'source'", "UTF-8"}));
  CHECK(folder.empty());
}
