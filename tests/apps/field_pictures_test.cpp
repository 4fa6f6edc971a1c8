// Pictures as other programs write them, of the kinds that went wrong (the folder field, where it is there),
// and what each must give.
#include <doctest/doctest.h>

#include <cstdlib>

#include "tests/apps/image_fixtures.h"

using namespace backlight;

namespace {

std::string field() {
  const char* given = std::getenv("BACKLIGHT_FIELD");
  return given ? given : BACKLIGHT_SOURCE "/../shared/field";
}

/// Where a file is there; else the test has nothing to say.
bool is_there(const std::string& name) {
  const bool there = std::filesystem::exists(field() + "/" + name);
  if (!there) MESSAGE("no " << field() << "/" << name);
  return there;
}
Image picture(const std::string& name) { return load_image(field() + "/" + name); }

int largest_difference(const Image& a, const Image& b) {
  REQUIRE(a.width == b.width);
  REQUIRE(a.height == b.height);
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  return largest;
}

}  // namespace

TEST_CASE("field: pictures that are the same as others, exactly") {
  const std::pair<const char*, const char*> same[] = {
      {"bmp32_reserved_0.bmp", "clean.png"},        {"bmp32_reserved_some.bmp", "clean.png"},
      {"alpha.png", "alpha_on_white.png"},          {"grey16.png", "grey16_as_8.png"},
      {"junk_after_eoi.jpg", "clean.jpg"},          {"junk_before_eoi.jpg", "clean.jpg"},
      {"junk_stuffed_before_eoi.jpg", "clean.jpg"}, {"restart_before_eoi.jpg", "clean.jpg"},
      {"cmyk_app14.jpg", "cmyk_no_app14.jpg"}};
  for (const auto& [name, as] : same) {
    CAPTURE(name);
    if (is_there(name)) CHECK(picture(name) == picture(as));
  }
}

TEST_CASE("field: CMYK counts as stored inverted, with Adobe's segment or without") {
  if (is_there("cmyk_no_app14.jpg"))
    CHECK(largest_difference(picture("cmyk_no_app14.jpg"), picture("cmyk.png")) <= 2);
}

TEST_CASE("field: arithmetic coding is read") {
  if (!is_there("arithmetic.jpg")) return;
  const Image image = picture("arithmetic.jpg");
  CHECK(image.width == 32);
  CHECK(image.height == 24);
}

TEST_CASE("field: what is not read is named in one line") {
  const std::pair<const char*, const char*> refusals[] = {
      {"rle8.bmp", "a run-length-coded BMP (RLE): save it as PNG"},
      {"cgbi.png", "Apple's CgBI PNG"},
      {"picture.webp", "a WebP file, which is not read: save it as PNG or JPEG"},
      {"picture.tif", "a TIFF file, which is not read"},
      {"picture.gif", "a GIF file, which is not read"},
      {"null_reason.png", "damaged PNG ("}};
  for (const auto& [name, text] : refusals) {
    CAPTURE(name);
    if (!is_there(name)) continue;
    const std::string error = error_of([&, name = name] { picture(name); });
    CAPTURE(error);
    CHECK(error.find(text) != std::string::npos);
    CHECK(error.find('\n') == std::string::npos);
  }
}
