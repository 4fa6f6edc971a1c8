// Images that cannot be used, given to the executable.
#include <cstdint>

#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

namespace {

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}
std::string little_endian(std::uint32_t value) {
  const std::string bytes = big_endian(value);
  return {bytes.rbegin(), bytes.rend()};
}

std::uint32_t crc32(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

std::string png_chunk(const std::string& kind, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + kind + data + big_endian(crc32(kind + data));
}

/// A PNG that says it has this size, 8-bit RGB, and holds next to nothing.
std::string png_header(std::uint32_t width, std::uint32_t height) {
  return "\x89PNG\r\n\x1A\n" +
         png_chunk("IHDR", big_endian(width) + big_endian(height) + std::string("\x08\x02\0\0\0", 5)) +
         png_chunk("IDAT", std::string("\x78\x9C\x03\0\0\0\0\x01", 8)) + png_chunk("IEND", "");
}

/// The same as a BMP of 24 bits per pixel.
std::string bmp_header(std::uint32_t width, std::uint32_t height) {
  std::string bytes = "BM" + little_endian(58) + little_endian(0) + little_endian(54) + little_endian(40) +
                      little_endian(width) + little_endian(height) + std::string("\x01\0\x18\0", 4);
  for (int field = 0; field < 6; ++field) bytes += little_endian(0);
  return bytes + std::string(4, '\0');
}

/// Each command that reads a photograph, with all it needs besides.
const std::vector<std::vector<std::string>> commands{{"classify", "--weights", "W.h5"},
                                                     {"gradient", "--weights", "W.h5", "--out", "G.h5"},
                                                     {"saliency", "--weights", "W.h5", "--out", "M.png"},
                                                     {"fgsm", "--weights", "W.h5", "--out", "F.png"}};

void all_refuse(const Desk& desk, const std::string& image, const std::vector<std::string>& parts) {
  for (std::vector<std::string> command : commands) {
    command.push_back(image);
    desk.refuses(1, command, parts);
    command.push_back("photo.png");  // of several the others go on
    if (command[0] != "classify") command[4] = "pictures";
    const Result several = desk.run(command);
    CHECK(several.status == 1);
    CHECK(mentions(several.out, {"photo.png"}));
    CHECK(mentions(several.err, parts));
    CHECK(mentions(several.err, {"1 of 2 pictures; 1 failed, listed above"}));
    if (command[0] != "classify") CHECK(fs::exists(desk.path("pictures/photo.png")));
    fs::remove_all(desk.path("pictures"));
    command.push_back("--fail-fast");
    desk.refuses(1, command, parts);
  }
}

}  // namespace

TEST_CASE("commands refuse an image that is empty, truncated, text, a folder or missing") {
  const Desk desk;
  write_bytes(desk.path("empty.png"), "");
  write_bytes(desk.path("text.jpg"), "A cat is on the mat.\n");
  const std::string photo = bytes_of(desk.path("photo.png"));
  write_bytes(desk.path("cut.png"), photo.substr(0, photo.size() / 2));
  desk.add_fixture("baseline.jpg", "photo.jpg");
  const std::string jpeg = bytes_of(desk.path("photo.jpg"));
  write_bytes(desk.path("cut.jpg"), jpeg.substr(0, jpeg.size() / 2));
  fs::create_directory(desk.path("folder"));

  all_refuse(desk, "empty.png", {"empty.png: ", "empty"});
  all_refuse(desk, "text.jpg", {"text.jpg: "});
  all_refuse(desk, "cut.png", {"cut.png: "});
  all_refuse(desk, "cut.jpg", {"cut.jpg: "});
  for (std::vector<std::string> command : commands) {
    command.push_back("folder");
    desk.refuses(1, command, {"folder: holds no picture"});
  }
  all_refuse(desk, "absent.png", {"absent.png: "});
  desk.refuses(1, {"classify", "W.h5", "-w", "W.h5"}, {"W.h5: "});
}

TEST_CASE("commands refuse an image that says it is 60,000 pixels wide, by its header") {
  const Desk desk;
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> sizes{
      {60'000, 4}, {4, 60'000}, {60'000, 60'000}};
  for (const auto& [width, height] : sizes) {
    const std::string size = std::to_string(width) + " x " + std::to_string(height);
    CAPTURE(size);
    write_bytes(desk.path("wide.png"), png_header(width, height));
    write_bytes(desk.path("wide.bmp"), bmp_header(width, height));
    for (const std::string image : {"wide.png", "wide.bmp"}) {
      const Result result = desk.refuses(1, {"classify", image, "-w", "W.h5"}, {image + ": ", size});
      CHECK(result.peak_bytes < std::int64_t{60'000} * 60'000 * 3);
    }
  }
  all_refuse(desk, "wide.png", {"wide.png: ", "60000 x 60000"});
}

TEST_CASE("an image of one pixel is as good as another") {
  const Desk desk;
  desk.add_fixture("point_1x1.png", "point.png");
  const nlohmann::json point = desk.json({"classify", "point.png", "-w", "W.h5"});
  CHECK(point["images"][0]["top"].size() == 5);
  desk.json({"gradient", "point.png", "-w", "W.h5", "--out", "G.h5"});
  desk.json({"saliency", "point.png", "-w", "W.h5", "--out", "M.png"});
  desk.json({"fgsm", "point.png", "-w", "W.h5", "--out", "F.png"});
}
