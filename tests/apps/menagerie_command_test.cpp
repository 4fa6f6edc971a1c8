// backlight menagerie: what it writes, and what it refuses.
#include "apps/image/image.h"
#include "apps/menagerie/collection.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

namespace {

/// A dataset of bytes or integers of a file, and its shape.
template <class T>
std::pair<std::vector<T>, std::vector<hsize_t>> read_dataset(const fs::path& path, const char* name,
                                                             hid_t type) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  REQUIRE(file >= 0);
  const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
  std::vector<hsize_t> shape(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
  H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  std::vector<T> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  CHECK(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return {std::move(values), std::move(shape)};
}

}  // namespace

TEST_CASE("menagerie writes a folder of pictures by class, masks and their list") {
  const Desk desk;
  const auto said = desk.json({"menagerie", "--count", "7", "--seed", "4", "--out", "m", "--masks"});
  CHECK(said["count"] == 7);
  CHECK(said["out"] == "m");
  const auto list = nlohmann::json::parse(bytes_of(desk.path("m/menagerie.json")));
  CHECK(list["classes"] == nlohmann::json({"bear", "cat", "dog", "monkey", "rabbit"}));
  REQUIRE(list["pictures"].size() == 7);
  const menagerie::Picture picture = menagerie::render(4, 6);
  const auto entry = list["pictures"][6];
  CHECK(entry["class"] == "cat");
  CHECK(entry["picture"] == "pictures/cat/000006.png");
  CHECK(entry["box"] == menagerie::box(picture));
  CHECK(load_image(desk.path("m/pictures/cat/000006.png")) == picture.image);
  const std::string ears = entry["masks"]["ears"];
  CHECK(ears == "masks/000006-ears.png");
  const Image mask = load_image(desk.path("m/" + ears));
  int wrong = 0;
  for (std::size_t i = 0; i < mask.pixels.size(); ++i)
    wrong += mask.pixels[i] != picture.part_masks[0][i / 3];
  CHECK(wrong == 0);
  CHECK(entry["masks"].size() == 7);
  CHECK(list["change"] == "");
  desk.refuses(1, {"menagerie", "--count", "2", "--seed", "5", "--out", "m"}, {"m: holds a Menagerie"});
  CHECK(load_image(desk.path("m/pictures/cat/000001.png")) == menagerie::render(4, 1).image);
  desk.text({"menagerie", "--count", "1", "--out", "hares", "--swap", "ears=rabbit"});
  CHECK(nlohmann::json::parse(bytes_of(desk.path("hares/menagerie.json")))["change"] == "ears=rabbit");
  desk.text({"menagerie", "--count", "1", "--out", "bare", "--without", "ears"});
  CHECK(nlohmann::json::parse(bytes_of(desk.path("bare/menagerie.json")))["change"] == "without ears");
}

TEST_CASE("menagerie writes one HDF5 file") {
  const Desk desk;
  desk.text({"menagerie", "--count", "6", "--seed", "4", "--out", "m.h5", "--swap", "ears=rabbit"});
  const auto [images, shape] = read_dataset<std::uint8_t>(desk.path("m.h5"), "images", H5T_NATIVE_UINT8);
  const auto [labels, rows] = read_dataset<std::int64_t>(desk.path("m.h5"), "labels", H5T_NATIVE_INT64);
  const auto [masks, extents] = read_dataset<std::uint8_t>(desk.path("m.h5"), "part_masks", H5T_NATIVE_UINT8);
  const auto [animals, planes] =
      read_dataset<std::uint8_t>(desk.path("m.h5"), "animal_masks", H5T_NATIVE_UINT8);
  CHECK(shape == std::vector<hsize_t>{6, 3, 128, 128});
  CHECK(extents == std::vector<hsize_t>{6, 6, 128, 128});
  CHECK(planes == std::vector<hsize_t>{6, 128, 128});
  CHECK(labels == std::vector<std::int64_t>{0, 1, 2, 3, 4, 0});
  const menagerie::Picture picture =
      menagerie::render(4, 2, menagerie::Change{menagerie::Part::ears, menagerie::Animal::rabbit});
  constexpr std::size_t pixels = 128 * 128;
  int wrong = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c)
      wrong += images[(2 * 3 + c) * pixels + i] != picture.image.pixels[3 * i + c];
    for (std::size_t part = 0; part < 6; ++part)
      wrong += masks[(2 * 6 + part) * pixels + i] != picture.part_masks[part][i];
    wrong += animals[2 * pixels + i] != picture.animal_mask[i];
  }
  CHECK(wrong == 0);
}

TEST_CASE("menagerie draws the same whatever the threads, and a sheet") {
  const Desk desk;
  desk.text({"menagerie", "--count", "5", "--out", "one.h5", "--threads", "1"});
  desk.text({"menagerie", "--count", "5", "--out", "three.h5", "--threads", "3"});
  CHECK(bytes_of(desk.path("one.h5")) == bytes_of(desk.path("three.h5")));
  desk.text({"menagerie", "--count", "6", "--sheet", "sheet.png", "--without", "ears", "--masks"});
  CHECK(load_image(desk.path("sheet.png")).width > 5 * 256);
}

TEST_CASE("menagerie refuses what makes no sense") {
  const Desk desk;
  const auto refuses = [&](int status, std::vector<std::string> more, const std::vector<std::string>& parts) {
    more.insert(more.begin(), "menagerie");
    desk.refuses(status, more, parts);
  };
  refuses(2, {}, {"--out", "--sheet"});
  refuses(2, {"--out", "m", "--count", "0"}, {"--count", "0"});
  refuses(2, {"--out", "m", "--seed", "-1"}, {"--seed", "-1"});
  refuses(2, {"--out", "m.zip"}, {"m.zip", ".h5"});
  refuses(2, {"--out", "m.h5", "--count", "20001"}, {"--count", "20001", "folder"});
  refuses(2, {"--sheet", "m.jpg"}, {"m.jpg", ".png"});
  refuses(2, {"--out", "m", "--without", "paw"}, {"paw", "ears, muzzle, eyes, whiskers, body and tail"});
  refuses(2, {"--out", "m", "--swap", "ears"}, {"ears", "PART=ANIMAL"});
  refuses(2, {"--out", "m", "--swap", "ears=wolf"}, {"wolf", "bear, cat, dog, monkey and rabbit"});
  refuses(2, {"--out", "m", "--swap", "ears=cat", "--without", "tail"}, {"--without"});
  refuses(1, {"--out", "photo.png/m"}, {"photo.png/m"});
  refuses(1, {"--out", "no/such/m.h5"}, {"no/such"});
}
