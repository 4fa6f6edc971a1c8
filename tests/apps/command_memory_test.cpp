// What `backlight info` says that an image gradient takes in memory, and what it does take.
#include "tests/apps/command_runner.h"

namespace backlight::test {
namespace {

using nlohmann::json;

/// In a process of its own: the peak that is measured of a command counts what its parent held when it was
/// started.
void write_resnet50(const fs::path& path) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ModelInfo info = small_info();
    info.architecture = "resnet50";
    info.input_size = 224;
    info.classes.clear();
    for (int k = 0; k < 1000; ++k) info.classes.push_back("class " + std::to_string(k));
    const Graph graph = build_network("resnet50", {});
    write_weights(path, info, graph, initialize(graph, 1));
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
}

TEST_CASE("an image gradient takes the memory that info plans, and little more" *
          doctest::test_suite("slow")) {
  const Desk desk;
  write_resnet50(desk.path("R.h5"));
  const auto planned = desk.json({"info", "R.h5"})["memory"]["together"].get<std::int64_t>();
  const Result result = desk.run({"gradient", "photo.png", "-w", "R.h5"});
  REQUIRE(result.status == 0);
  // The program, its libraries, the picture: the README says so.
  constexpr std::int64_t base = 30'000'000;
  CHECK(result.peak_bytes < planned + planned / 10 + base);
  CHECK(result.peak_bytes > planned - planned / 10);
  // Weights that are only packed went again: as read they alone would be 94 MB.
  CHECK(planned < 260'000'000);
}

}  // namespace
}  // namespace backlight::test
