// Reading pictures: every format and orientation, and every way in which a file can be bad.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "apps/image/orientation.h"
#include "tests/apps/image_fixtures.h"

using namespace backlight;

namespace {

using Levels = std::vector<int>;

/// One channel of the first row.
Levels row(const std::string& name, int channel) {
  const Image image = load_image(fixture(name));
  Levels levels;
  for (int x = 0; x < image.width; ++x) levels.push_back(image.at(x, 0)[channel]);
  return levels;
}

}  // namespace

TEST_CASE("grey, palette, 16-bit and BMP files give the same RGB") {
  for (const char* name : {"grey.png", "palette.png", "rgb.bmp", "grey.bmp", "grey16.png", "rgb16.png"}) {
    CAPTURE(name);
    for (int channel = 0; channel < 3; ++channel) CHECK(row(name, channel) == Levels{0, 64, 192, 255});
  }
}

TEST_CASE("transparency is composited over white") {
  for (const char* name : {"rgba.png", "rgba16.png"}) {
    CAPTURE(name);
    CHECK(row(name, 0) == Levels{255, 255, 255, 255});
    CHECK(row(name, 1) == Levels{255, 204, 51, 0});
  }
  CHECK(row("grey_alpha.png", 2) == Levels{255, 204, 51, 0});
  CHECK(row("palette_alpha.png", 0) == Levels{255, 64, 192, 255});
}

TEST_CASE("a picture of one pixel loads") {
  const Image image = load_image(fixture("point_1x1.png"));
  CHECK(image.width == 1);
  CHECK(image.height == 1);
}

TEST_CASE("JPEGs of every kind are close to the picture they were made from") {
  const Image original = load_image(fixture("small.png"));
  CHECK(load_image(fixture("small.bmp")) == original);
  for (const char* name : {"baseline.jpg", "progressive.jpg", "cmyk.jpg"}) {
    CAPTURE(name);
    const Image image = load_image(fixture(name));
    REQUIRE(image.width == original.width);
    REQUIRE(image.height == original.height);
    double distance = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
      distance += std::abs(image.pixels[i] - original.pixels[i]);
    CHECK(distance / double(image.pixels.size()) <
          16);  // noise in 4:2:0; a swapped or inverted channel makes 50
  }
  const Image grey = load_image(fixture("grey.jpg"));
  CHECK(grey.at(5, 5)[0] == grey.at(5, 5)[2]);
}

TEST_CASE("all eight EXIF orientations come out upright") {
  const Image expected = load_image(fixture("upright.png"));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    CAPTURE(orientation);
    const std::string name = "orientation_" + std::to_string(orientation);
    CHECK(load_image(fixture(name + ".png")) == expected);
    const Image jpeg = load_image(fixture(name + ".jpg"));
    REQUIRE(jpeg.width == expected.width);
    REQUIRE(jpeg.height == expected.height);
    int worst = 0;
    for (std::size_t i = 0; i < jpeg.pixels.size(); ++i)
      worst = std::max(worst, std::abs(jpeg.pixels[i] - expected.pixels[i]));
    CHECK(worst <= 24);  // JPEG rings at the edges of the quadrants
  }
}

TEST_CASE("EXIF data that makes no sense leaves the picture as it is") {
  CHECK(exif_orientation({}) == 1);
  const std::vector<std::uint8_t> noise = {'M', 'M', 0, 42, 255, 255, 255, 255, 0, 1};
  CHECK(exif_orientation(noise) == 1);
}

TEST_CASE("a file cut short at any byte is refused") {
  for (const char* name :
       {"baseline.jpg", "progressive.jpg", "orientation_6.jpg", "small.png", "small.bmp", "padded.bmp"}) {
    CAPTURE(name);
    const std::vector<std::uint8_t> whole = bytes_of(fixture(name));
    CHECK_NOTHROW(decode_image(whole));
    std::size_t accepted = 0;
    for (std::size_t size = 0; size < whole.size(); ++size)
      accepted += error_of([&] { decode_image({whole.data(), size}); }) == "nothing";
    CHECK(accepted == 0);
  }
}

TEST_CASE("a JPEG with more Huffman codes than bytes have values is refused before it is decoded") {
  std::vector<std::uint8_t> file = bytes_of(fixture("baseline.jpg"));
  const std::vector<std::uint8_t> marker = {0xFF, 0xC4};
  const auto table = std::search(file.begin(), file.end(), marker.begin(), marker.end());
  REQUIRE(table != file.end());
  // The first table grows by 250 codes of 16 bits: its segment's length, their count, and their symbols.
  const std::size_t at = std::size_t(table - file.begin()), length = 256u * file[at + 2] + file[at + 3];
  const std::size_t counts = at + 5;
  int codes = 0;
  for (int i = 0; i < 15; ++i) codes += file[counts + i];
  file[counts + 15] = 250;
  file.insert(file.begin() + std::ptrdiff_t(counts + 16), 250, 0);
  file[at + 2] = std::uint8_t((length + 250) >> 8);
  file[at + 3] = std::uint8_t(length + 250);
  CHECK(error_of([&] { decode_image(file); }) == "damaged JPEG (Bogus Huffman table definition)");
}

TEST_CASE("a PNG is held against its checksums: those of its chunks, and that of its pixels") {
  const std::vector<std::uint8_t> whole = bytes_of(fixture("small.png"));
  const std::vector<std::uint8_t> type = {'I', 'D', 'A', 'T'};
  const auto found = std::search(whole.begin(), whole.end(), type.begin(), type.end());
  REQUIRE(found != whole.end());
  const std::size_t data = std::size_t(found - whole.begin()) + 4;
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | whole[data - 8 + i];
  std::vector<std::uint8_t> damaged = whole;
  damaged[data + length] ^= 1;  // the chunk's CRC-32
  CHECK(error_of([&] { decode_image(damaged); }) == "damaged PNG (IDAT: CRC error)");
  // The chunk's checksum mended, that of the compressed data (its last four bytes) is wrong.
  damaged = whole;
  damaged[data + length - 1] ^= 1;
  std::uint32_t crc = 0xFFFFFFFF;  // PNG specification, annex D
  for (std::size_t i = data - 4; i < data + length; ++i) {
    crc ^= damaged[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
  }
  crc = ~crc;
  for (std::size_t i = 0; i < 4; ++i) damaged[data + length + i] = std::uint8_t(crc >> (24 - 8 * i));
  CHECK(error_of([&] { decode_image(damaged); }) == "damaged PNG (IDAT: incorrect data check)");
}

TEST_CASE("a progressive JPEG that asks for thousands of scans is refused soon") {
  std::vector<std::uint8_t> file = bytes_of(fixture("progressive.jpg"));
  const std::vector<std::uint8_t> marker = {0xFF, 0xDA};
  const auto scan = std::search(file.begin(), file.end(), marker.begin(), marker.end());
  REQUIRE(scan != file.end());
  const auto next = std::find(scan + 2, file.end(), 0xFF);  // the next marker but stuffed bytes
  auto end = next;
  while (*(end + 1) == 0) end = std::find(end + 1, file.end(), 0xFF);
  const std::vector<std::uint8_t> again(scan, end);
  std::vector<std::uint8_t> many(file.begin(), end);
  for (int i = 0; i < 3000; ++i) many.insert(many.end(), again.begin(), again.end());
  many.insert(many.end(), end, file.end());
  const std::string error = error_of([&] { decode_image(many); });
  CAPTURE(error);
  CHECK(error == "damaged JPEG (more than 100 scans)");
}

TEST_CASE("damaged bytes are refused or give a picture of an allowed size") {
  std::mt19937 random(7);
  for (const char* name :
       {"baseline.jpg", "progressive.jpg", "cmyk.jpg", "orientation_5.jpg", "orientation_7.png", "small.png",
        "rgba16.png", "palette_alpha.png", "small.bmp", "grey.bmp"}) {
    CAPTURE(name);
    const std::vector<std::uint8_t> whole = bytes_of(fixture(name));
    for (int round = 0; round < 300; ++round) {
      std::vector<std::uint8_t> damaged = whole;
      for (int i = round % 4; i >= 0; --i) damaged[random() % damaged.size()] = std::uint8_t(random());
      try {
        const Image image = decode_image(damaged);
        CHECK(image.pixels.size() == std::size_t(3) * image.width * image.height);
      } catch (const Error&) {
      }
    }
  }
}

TEST_CASE("what is too large is refused by its header, with the limit") {
  CHECK(error_of([] { load_image(fixture("wide_60000.png")); }) ==
        "cannot read the image " + fixture("wide_60000.png") +
            ": the image is 60000 x 1 pixels, at most 16384 a side and 67108864 in all are allowed");
  CHECK(error_of([] { load_image(fixture("many_pixels.png")); }).find("16384 x 4097 pixels") !=
        std::string::npos);

  // The same when the header alone says so, and nothing follows.
  std::vector<std::uint8_t> header = bytes_of(fixture("small.png"));
  header.resize(33);
  header[18] = 0x60;  // 24600 x 18
  CHECK(error_of([&] { decode_image(header); }).find("24600 x 18 pixels") != std::string::npos);
  header[16] = header[20] = 0x0F;
  CHECK(error_of([&] { decode_image(header); }).find("251682840 x 251658258 pixels") != std::string::npos);
}

TEST_CASE("what is no picture is refused by name") {
  const ScratchFolder scratch("image_load");
  const auto refusal = [](const std::filesystem::path& path) {
    const std::string error = error_of([&] { load_image(path); }),
                      prefix = "cannot read the image " + path.string() + ": ";
    REQUIRE(error.substr(0, prefix.size()) == prefix);
    return error.substr(prefix.size());
  };
  std::ofstream(scratch / "empty.png").flush();
  std::ofstream(scratch / "text.jpg") << "not a picture\n";
  CHECK(refusal(scratch / "empty.png") == "the file is empty");
  CHECK(refusal(scratch / "text.jpg") == "not a PNG, JPEG or BMP image");
  CHECK(refusal(scratch / "missing.png") == "No such file or directory");
  CHECK(refusal(scratch.path) == "it is a folder");
  CHECK(refusal("/dev/zero") == "it is not a regular file");
}
