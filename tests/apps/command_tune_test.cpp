// --tune: measured once, remembered, and never in the way.
#include <fstream>

#include "tests/apps/command_runner.h"

using namespace backlight::test;

namespace {

Result tuned(const Desk& desk, const std::string& cache, std::vector<std::string> more = {}) {
  std::vector<std::string> command{"classify", desk.path("photo.png"), "-w", desk.path("W.h5"), "--tune"};
  command.insert(command.end(), more.begin(), more.end());
  return run(desk.path(""), command, {.environment = {"XDG_CACHE_HOME=" + cache, "HOME"}});
}

fs::path only_file(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder / "backlight")) found.push_back(entry.path());
  REQUIRE(found.size() == 1);
  return found.front();
}

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("--tune measures once and remembers in the user's cache folder") {
  const Desk desk;
  const fs::path cache = desk.path("cache");
  const Result first = tuned(desk, cache.string());
  CHECK(first.status == 0);
  const fs::path file = only_file(cache);
  CHECK(first.err.starts_with("backlight: --tune: measured "));
  CHECK(first.err.ends_with(", remembered in " + file.string() + "\n"));
  const std::string remembered = content(file);
  CHECK(remembered.starts_with(file.stem().string() + "\n"));
  CHECK(remembered.find("\tconv_forward 3x3 ") != std::string::npos);
  const Result second = tuned(desk, cache.string());
  CHECK(second.err == "");
  CHECK(second.out == first.out);
  CHECK(content(file) == remembered);
}

TEST_CASE("--tune does what the file says, and leaves out one that is damaged with a note") {
  const Desk desk;
  const fs::path cache = desk.path("cache");
  (void)tuned(desk, cache.string());
  const fs::path file = only_file(cache);
  const std::string right = content(file);
  const std::string name = right.substr(0, right.find('\n'));
  for (const std::string& damaged :
       {std::string(), std::string("kernels-of-another-machine\n"), right + "fast\tconv_forward 3x3\n",
        right + "blocked\tconv_sideways 3x3\n", name + "\nblocked", std::string(1000, '\0')}) {
    std::ofstream(file) << damaged;
    const Result result = tuned(desk, cache.string());
    CHECK(result.status == 0);
    CHECK(result.err.starts_with("backlight: --tune: " + file.string() + ": damaged, and left out: line "));
    CHECK(result.err.find("measured ") != std::string::npos);
    CHECK(content(file).starts_with(name + "\n"));
  }
}

TEST_CASE("--tune works without a cache folder, and says so") {
  const Desk desk;
  const Result nowhere = tuned(desk, "/proc/nowhere");
  CHECK(nowhere.status == 0);
  CHECK(nowhere.err.find(", not remembered: ") != std::string::npos);
  const Result homeless = tuned(desk, "relative");  // the standard says that such a name does not count
  CHECK(homeless.status == 0);
  CHECK(homeless.err.ends_with("; there is no home folder to remember them in\n"));
  const Result simt = tuned(desk, desk.path("cache").string(), {"--device", "simt"});
  CHECK(simt.status == 2);
  CHECK(simt.err == "backlight: --tune: only --device cpu has kernels to choose from\n");
}
