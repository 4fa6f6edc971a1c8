// Many pictures in one call: where they come from, what is said of each, and what is left when it ends early.
#include <chrono>
#include <random>
#include <thread>

#include "apps/image/image.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

/// A folder "many" of so many copies of three pictures.
void add_folder(const Desk& desk, int count) {
  const std::vector<std::string> fixtures{"tall_47x61.png", "small.png", "baseline.jpg"};
  fs::create_directory(desk.path("many"));
  for (int i = 0; i < count; ++i) {
    const std::string& fixture = fixtures[static_cast<std::size_t>(i) % 3];
    char name[32];
    std::snprintf(name, sizeof name, "many/%04d%s", i, fs::path(fixture).extension().c_str());
    desk.add_fixture(fixture, name);
  }
}

std::vector<std::string> paths_of(const json& result) {
  std::vector<std::string> paths;
  for (const json& image : result["images"]) paths.push_back(image["path"]);
  return paths;
}

/// The time of the last change of every file in a folder.
std::map<std::string, fs::file_time_type> times(const fs::path& folder) {
  std::map<std::string, fs::file_time_type> all;
  for (const auto& entry : fs::directory_iterator(folder)) all[entry.path()] = entry.last_write_time();
  return all;
}

}  // namespace

TEST_CASE("pictures come from files, folders, lists and standard input") {
  const Desk desk;
  add_folder(desk, 20);
  write_bytes(desk.path("many/notes.txt"), "no picture");
  write_bytes(desk.path("list.txt"), "many/0003.png\r\n\nphoto.png\n");
  const json folder = desk.json({"classify", "many", "-w", "W.h5"});
  REQUIRE(folder["images"].size() == 20);
  CHECK(paths_of(folder)[19] == "many/0019.png");
  CHECK(paths_of(desk.json({"classify", "@list.txt", "-w", "W.h5"})) ==
        std::vector<std::string>{"many/0003.png", "photo.png"});
  CHECK(paths_of(desk.json({"classify", "photo.png", "many", "-w", "W.h5"}))[0] == "photo.png");
  const json one = desk.json({"classify", "photo.png", "-w", "W.h5"});
  const Result piped = desk.run({"classify", "-", "-w", "W.h5", "--json"}, {.in = desk.path("photo.png")});
  CHECK(piped.status == 0);
  CHECK(json::parse(piped.out)["images"][0]["top"] == one["images"][0]["top"]);

  desk.refuses(1, {"classify", "@none.txt", "-w", "W.h5"}, {"@none.txt", "cannot be read"});
  desk.refuses(2, {"classify", "-", "photo.png", "-w", "W.h5"}, {"standard input", "alone"});
  const Result text = desk.run({"classify", "-", "-w", "W.h5"}, {.in = desk.path("list.txt")});
  CHECK(text.status == 1);
  CHECK(mentions(text.err, {"standard input"}));
}

TEST_CASE("a picture or numbers go to standard output, and nothing else does") {
  const Desk desk;
  const auto written = [&](const std::vector<std::string>& arguments) {
    const Result result = desk.run(arguments);
    CHECK(result.status == 0);
    CHECK(mentions(result.err, {"photo.png"}));
    return result.out;
  };
  desk.text({"saliency", "photo.png", "-w", "W.h5", "-o", "M.png"});
  CHECK(written({"saliency", "photo.png", "-w", "W.h5", "-o", "-"}) == bytes_of(desk.path("M.png")));
  desk.text({"gradient", "photo.png", "-w", "W.h5", "-o", "G.npy"});
  CHECK(written({"gradient", "photo.png", "-w", "W.h5", "--format", "npy", "-o", "-"}) ==
        bytes_of(desk.path("G.npy")));
  desk.refuses(2, {"gradient", "photo.png", "-w", "W.h5", "--format", "h5", "-o", "-"}, {"standard output"});
  desk.refuses(2, {"saliency", "photo.png", "photo.png", "-w", "W.h5", "-o", "-"}, {"standard output"});
}

TEST_CASE("--resume passes over what is there, and does the rest to the same bits") {
  const Desk desk;
  add_folder(desk, 20);
  for (const std::string command : {"saliency", "gradient", "localize", "fgsm"}) {
    CAPTURE(command);
    const std::vector<std::string> all{command, "many", "-w", "W.h5", "-o", "out-" + command, "--resume"};
    desk.run(all);
    const auto first = desk.contents();
    const auto before = times(desk.path("out-" + command));
    const Result again = desk.run(all);
    CHECK(again.status == 0);
    CHECK(mentions(again.err, {"20 of 20 pictures were done already"}));
    CHECK((times(desk.path("out-" + command)) == before));
    fs::remove(desk.path("out-" + command + (command == "fgsm" ? "/0007-sheet.png" : "/0007.png")));
    CHECK(mentions(desk.run(all).err, {"19 of 20 pictures were done already"}));
    CHECK((desk.contents() == first));
  }
}

TEST_CASE("a picture that fails is a line of JSON, in its place") {
  const Desk desk;
  write_bytes(desk.path("bad.png"), "no picture");
  const Result result = desk.run({"classify", "photo.png", "bad.png", "-w", "W.h5", "--json"});
  CHECK(result.status == 1);
  std::vector<std::string> lines;
  for (std::size_t begin = 0, end; (end = result.out.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(result.out.substr(begin, end - begin));
  REQUIRE(lines.size() == 2);
  int failed = 0;
  for (const std::string& line : lines) failed += json::parse(line).contains("error");
  CHECK(failed == 1);
}

TEST_CASE("memory does not grow with the number of pictures" * doctest::test_suite("slow")) {
  const Desk few, many;
  add_folder(few, 64);
  add_folder(many, 1600);  // 20 MB as what a network sees of them
  const auto peak = [](const Desk& desk) {
    const Result result = desk.run({"saliency", "many", "-w", "W.h5", "-o", "out", "--threads", "2"});
    CHECK(result.status == 0);
    return result.peak_bytes;
  };
  CHECK(peak(many) < peak(few) + (std::int64_t{8} << 20));
}

TEST_CASE("an exact name of a class wins over an index, and it is said which was meant") {
  const Desk desk;
  ModelInfo info = small_info();
  info.architecture = "cifar_resnet20";
  info.classes = {"7", "3", "5", "0", "9", "8", "1", "2", "4", "six"};
  info.input_size = 32;
  const Graph graph = build_network("cifar_resnet20", {.input_size = 32, .classes = 10});
  write_weights(desk.path("N.h5"), info, graph, initialize(graph, 1));
  const auto chosen = [&](const std::string& name) {
    const Result result = desk.run({"gradient", "photo.png", "-w", "N.h5", "--class", name, "--json"});
    CHECK(result.status == 0);
    return std::pair(json::parse(result.out)["images"][0]["class"]["index"].get<int>(), result.err);
  };
  CHECK(chosen("3").first == 1);
  CHECK(mentions(chosen("3").second, {"--class 3", "class of this name", "index 1"}));
  CHECK(chosen("six") == std::pair(9, std::string()));
  CHECK(chosen("6").first == 6);  // no class is called so
  CHECK(chosen("6").second.empty());
}

TEST_CASE("whenever a command is killed, its outputs are whole or absent, and nothing else is left" *
          doctest::test_suite("slow")) {
  const Desk desk;
  add_folder(desk, 6);
  write_bytes(desk.path("old.png"), "what was there");
  const std::vector<std::vector<std::string>> commands{
      {"saliency", "many", "-w", "W.h5", "-o", "out"},
      {"gradient", "many", "-w", "W.h5", "--format", "h5", "-o", "out"},
      {"gradient", "photo.png", "-w", "W.h5", "-o", "old.png"},
      {"fgsm", "many", "-w", "W.h5", "-o", "out"},
      {"localize", "many", "-w", "W.h5", "-o", "out"},
      {"menagerie", "--count", "8", "-o", "out"},
      {"dump", "photo.png", "-w", "W.h5", "-o", "D.h5"},
      {"class-image", "--class", "cat", "--iterations", "2", "-w", "W.h5", "-o", "C.png"}};
  std::mt19937 random(1);
  int ended_early = 0;
  for (int i = 0; i < 200; ++i) {
    const std::vector<std::string>& command = commands[static_cast<std::size_t>(i) % commands.size()];
    CAPTURE(command[0]);
    Process process(desk.path(""), command);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 80'000));
    process.interrupt(i % 3 == 0 ? SIGTERM : i % 3 == 1 ? SIGINT : SIGKILL);
    ended_early += process.wait().status > 2;
    for (const auto& entry : fs::recursive_directory_iterator(desk.path(""))) {
      const std::string name = entry.path().filename().string();
      CAPTURE(name);
      if (name.starts_with(".backlight-")) {  // killed in the instant between link and rename
        CHECK(command.back() == "old.png");   // which there is only where a file is replaced
        CHECK_NOTHROW((void)load_image(entry.path()));
        fs::remove(entry.path());
        break;
      }
      const std::string extension = entry.path().extension().string();
      if (extension == ".png" && bytes_of(entry.path()) != "what was there")
        CHECK_NOTHROW((void)load_image(entry.path()));
      if (extension == ".h5") CHECK(H5Fis_hdf5(entry.path().c_str()) > 0);
    }
    fs::remove_all(desk.path("out"));
  }
  CHECK(ended_early > 20);
}
