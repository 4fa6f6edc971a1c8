// Outputs that cannot be written, and what the executable leaves behind.
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

namespace {

/// A command that writes one file, `out`, of its own kind.
std::vector<std::string> command(const std::string& name, const std::string& out) {
  if (name == "class-image")
    return {name, "--class", "cat", "--iterations", "1", "--weights", "W.h5", "--json", "--out", out};
  return {name, "photo.png", "--weights", "W.h5", "--json", "--out", out};
}

/// Commands and the extensions that they write.
const std::vector<std::pair<std::string, std::string>> outputs{{"gradient", ".h5"},  {"gradient", ".npy"},
                                                               {"gradient", ".png"}, {"saliency", ".png"},
                                                               {"fgsm", ".png"},     {"class-image", ".png"}};

}  // namespace

TEST_CASE("commands refuse an output that cannot be written, and leave nothing") {
  const Desk desk;
  for (const auto& [name, extension] : outputs) {
    desk.refuses(1, command(name, "absent/out" + extension), {"absent/out" + extension});
    desk.refuses(1, command(name, "W.h5/out" + extension), {"W.h5/out" + extension});
    desk.refuses(1, command(name, "photo.png/out"), {"photo.png/out"});
    desk.refuses(1, command(name, "/dev/full"), {"/dev/full"});
    desk.refuses(1, command(name, "/dev/full/out" + extension), {"/dev/full/out" + extension});
  }
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a raw map that cannot be written is an error") {
  const Desk desk;
  std::vector<std::string> raw = command("saliency", "M.png");
  raw.insert(raw.end(), {"--raw", "absent/M.npy"});
  const Result result = desk.run(raw);
  CHECK(result.status == 1);
  CHECK(result.out == "");
  CHECK(mentions(result.err, {"absent/M.npy"}));
}

TEST_CASE("a link to a device is not taken for a file") {
  const Desk desk;
  fs::create_symlink("/dev/full", desk.path("link.png"));
  desk.refuses(1, command("saliency", "link.png"), {"link.png"});
  CHECK(fs::is_symlink(desk.path("link.png")));
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a full disk leaves the old file and no other") {
  const Desk desk;
  for (const auto& [name, extension] : outputs) {
    const std::string out = "out" + extension;
    write_bytes(desk.path(out), "what was there");
    desk.refuses(1, command(name, out), {out, "File too large"}, {.largest_file = 100});
    desk.refuses(1, command(name, "new" + extension), {"new" + extension}, {.largest_file = 100});
  }
}

TEST_CASE("standard output that cannot be written is an error") {
  const Desk desk;
  desk.refuses(1, {"classify", "photo.png", "--weights", "W.h5", "--json"}, {"standard output"},
               {.out = "/dev/full"});
  desk.refuses(1, {"info", "W.h5"}, {"standard output"}, {.out = "/dev/full"});
}

TEST_CASE("commands refuse an output of an extension that they do not write") {
  const Desk desk;
  desk.refuses(2, command("gradient", "G.txt"), {"G.txt", ".h5, .npy or .png"});
  desk.refuses(2, command("gradient", "G.jpg"), {"G.jpg", ".h5, .npy or .png"});
  desk.refuses(2, command("saliency", "M.jpg"), {"M.jpg", ".png"});
  std::vector<std::string> raw = command("saliency", "M.png");
  raw.insert(raw.end(), {"--raw", "M.txt"});
  desk.refuses(2, raw, {"M.txt", ".npy"});
  desk.refuses(2, {"gradient", "photo.png", "photo.png", "-w", "W.h5", "--out", "G.npy"},
               {"G.npy", "folder"});
  desk.refuses(2, {"saliency", "photo.png", "photo.png", "-w", "W.h5", "--out", "M.png"},
               {"M.png", "folder"});
}

TEST_CASE("no picture is written over a photograph") {
  const Desk desk;
  fs::create_symlink("photo.png", desk.path("link.png"));
  for (const std::string name : {"gradient", "saliency"})
    for (const std::string out : {"photo.png", "./photo.png", "link.png", "."})
      desk.refuses(2, command(name, out), {"--out " + out, "photo.png"});
}
