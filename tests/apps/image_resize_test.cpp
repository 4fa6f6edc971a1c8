// Resizing and cropping against Pillow and torchvision.
#include "apps/image/photo.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/apps/image_fixtures.h"

using namespace backlight;

TEST_CASE("resizing gives Pillow's pixels") {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture(""))) {
    const std::string name = entry.path().filename();  // NAME_WxH_to_WxH.png
    const std::size_t split = name.find("_to_");
    if (split == std::string::npos) continue;
    CAPTURE(name);
    const Image expected = load_image(entry.path());
    const Image resized =
        resize(load_image(fixture(name.substr(0, split) + ".png")), expected.width, expected.height);
    CHECK(resized == expected);
    ++compared;
  }
  CHECK(compared == 11);
}

TEST_CASE("prepare gives torchvision's pixels, in both ways of rounding a half") {
  for (const std::string name : {"wide_61x47", "tall_47x61"})
    for (const int size : {40, 41, 43}) {
      CAPTURE(name);
      CAPTURE(size);
      const Image expected = load_image(fixture(name + "_prepared_" + std::to_string(size) + "_32.png"));
      const Image photo = load_image(fixture(name + ".png"));
      CHECK(prepare(photo, framing(photo.width, photo.height, size, 32)) == expected);
    }
}

TEST_CASE("prepare without a resize squeezes the whole picture") {
  const Image photo = load_image(fixture("wide_61x47.png"));
  CHECK(prepare(photo, framing(photo.width, photo.height, 0, 32)) ==
        load_image(fixture("wide_61x47_to_32x32.png")));
}

TEST_CASE("a photograph that is made smaller while it is decoded has the same pixels") {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture(""))) {
    const std::string name = entry.path().filename();
    if (error_of([&] { load_image(entry.path()); }) != "nothing") continue;
    CAPTURE(name);
    const Image whole = load_image(entry.path());
    const Photo photo =
        load_photo(entry.path(), [](int width, int height) { return framing(width, height, 11, 9); });
    CHECK(photo.framing.photo_width == whole.width);
    CHECK(photo.framing.photo_height == whole.height);
    CHECK(photo.resized == resize(whole, photo.framing.width, photo.framing.height));
    CHECK(photo.cropped() == prepare(whole, photo.framing));
    ++compared;
  }
  CHECK(compared > 50);
}

TEST_CASE("a crop is the pixels it says") {
  const Image image = load_image(fixture("wide_61x47.png"));
  const Image part = crop(image, 50, 3, 11, 44);
  CHECK(part.width == 11);
  CHECK(part.height == 44);
  CHECK(std::equal(part.at(0, 0), part.at(0, 0) + 3, image.at(50, 3)));
  CHECK(std::equal(part.at(10, 43), part.at(10, 43) + 3, image.at(60, 46)));
  CHECK(error_of([&] { crop(image, 51, 3, 11, 44); }) ==
        "11 x 44 pixels at column 51, row 3 cannot be cut out of an image of 61 x 47");
  CHECK(error_of([&] { prepare(image, framing(image.width, image.height, 47, 48)); }) != "nothing");
  CHECK(error_of([&] { crop(image, -1, 0, 5, 5); }) != "nothing");
}

TEST_CASE("a resize to nothing or to too much is refused before it is made") {
  CHECK(error_of([] { resize(Image(4, 4), 0, 5); }) ==
        "an image of 4 x 4 pixels cannot be resized to 0 x 5: from 1 to 67108864 pixels are allowed");
  CHECK(error_of([] { resize(Image(4, 4), 100'000, 100'000); }) != "nothing");
  CHECK(error_of([] { framing(16384, 1, 256, 224); }) ==
        "an image of 16384 x 1 pixels cannot be resized to 4194304 x 256: from 1 to 67108864 pixels are "
        "allowed");
}
