// The executable where the language, the home and the current folder are not what it may have been tried
// with.
#include "tests/apps/command_runner.h"

using namespace backlight::test;

TEST_CASE("what a command prints and writes is the same in any language, without a home, and in any folder") {
  const Desk desk;
  const auto absolute = [&](const std::string& name) { return desk.path(name).string(); };
  const std::vector<std::vector<std::string>> commands{
      {"classify", absolute("photo.png"), "-w", absolute("W.h5")},
      {"classify", absolute("photo.png"), "-w", absolute("W.h5"), "--json"},
      {"fgsm", absolute("photo.png"), "-w", absolute("W.h5"), "--epsilon", "0.5,2", "-o", absolute("out")},
      {"gradient", absolute("photo.png"), "-w", absolute("W.h5"), "-o", absolute("out.png")},
      {"info", absolute("W.h5")}};
  const std::vector<Circumstances> surroundings{
      {.environment = {"LC_ALL=C", "HOME", "LANG"}},
      {.environment = {"LC_ALL=de_DE.UTF-8", "LC_NUMERIC=de_DE.UTF-8", "HOME=/nowhere", "TMPDIR=/nowhere"}}};
  for (const std::vector<std::string>& command : commands) {
    CAPTURE(command[0]);
    const auto fresh = [&](const fs::path& folder, const Circumstances& around) {
      const Result result = run(folder, command, around);
      CHECK(result.status == 0);
      CHECK(result.err == "");
      const auto all = desk.contents();
      fs::remove_all(desk.path("out")), fs::remove(desk.path("out.png"));
      return std::pair(result.out, all);
    };
    const auto expected = fresh(desk.path(""), {});
    // Into /proc nobody may write, not even root.
    for (const Circumstances& around : surroundings) CHECK((fresh("/proc", around) == expected));
  }
}

TEST_CASE("a result that would go into a folder that cannot be written to is refused in one line") {
  const Desk desk;
  const Result result = run("/proc", {"saliency", desk.path("photo.png"), "-w", desk.path("W.h5")});
  CHECK(result.status == 1);
  CHECK(result.err.starts_with("backlight: cannot write saliency.png: "));
  CHECK(result.err.find('\n') == result.err.size() - 1);
}
