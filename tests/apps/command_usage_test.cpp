// Requests that make no sense, and help for those who make them.
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;

TEST_CASE("an unknown command or option is named") {
  const Desk desk;
  desk.refuses(2, {}, {"subcommand"});
  desk.refuses(2, {"clasify", "photo.png"}, {"no command 'clasify'", "--help"});
  desk.refuses(2, {"--frob"}, {"--frob"});
  desk.refuses(2, {"classify"}, {"images"});
  desk.refuses(2, {"classify", "photo.png", "--weights"}, {"--weights"});
  desk.refuses(2, {"classify", "photo.png", "--weights", "W.h5", "--frob"},
               {"--frob", "backlight classify --help"});
  desk.refuses(2, {"info", "W.h5", "more"}, {"more"});
}

TEST_CASE("an option refuses what it does not take") {
  const Desk desk;
  const auto with = [](const std::string& command, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{command, "photo.png", "--weights", "W.h5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  for (const std::string command : {"classify", "gradient", "saliency", "localize"}) {
    desk.refuses(2, with(command, {"--device", "tpu"}), {"tpu", "cpu"});
    desk.refuses(2, with(command, {"--kernel", "fastest"}), {"fastest"});
    desk.refuses(2, with(command, {"--threads", "many"}), {"--threads", "many"});
    desk.refuses(2, with(command, {"--threads", "-1"}), {"--threads", "-1"});
  }
  for (const std::string command : {"gradient", "saliency", "localize"})
    desk.refuses(2, with(command, {"--rule", "lrp"}), {"lrp", "gradient, guided or deconvnet"});
  for (const std::string top : {"0", "-3", "two", "2.5"})
    desk.refuses(2, with("classify", {"--top", top}), {"--top", top});
  desk.refuses(2, with("gradient", {"--format", "jpg"}), {"--format", "jpg"});
  desk.refuses(2, with("saliency", {"--style", "oil"}), {"--style", "oil"});
  desk.refuses(2, with("saliency", {"--percentile", "101"}), {"--percentile", "101"});
}

TEST_CASE("a class that does not exist is refused with what there is") {
  const Desk desk;
  for (const std::string command : {"gradient", "saliency", "localize"}) {
    const auto with_class = [&](const std::string& name) {
      return std::vector<std::string>{command, "photo.png", "--weights", "W.h5", "--class", name};
    };
    desk.refuses(2, with_class("gorilla"), {"'gorilla'", "airplane", "truck"});
    desk.refuses(2, with_class("auto"), {"'auto'", "did you mean 1 (automobile)"});
    desk.refuses(2, with_class("10"), {"10", "0 to 9"});
    desk.refuses(2, with_class("-1"), {"-1", "0 to 9"});
    desk.refuses(2, with_class("99999999999999999999"), {"99999999999999999999", "0 to 9"});
    desk.refuses(2, with_class("3.0"), {"'3.0'"});
    desk.refuses(2, with_class(""), {"--class", "a name or an index"});
  }
}

TEST_CASE("every command has help with an example") {
  const Desk desk;
  const std::string all = desk.text({"--help"});
  for (const std::string command : {"demo", "classify", "gradient", "saliency", "localize", "class-image",
                                    "fgsm", "verify", "info", "menagerie", "train", "evaluate"}) {
    CAPTURE(command);
    CHECK(all.find("\n  " + command + " ") != std::string::npos);
    CHECK(mentions(desk.text({command, "--help"}), {"Example", " backlight " + command + " ", "--json"}));
  }
  CHECK(mentions(desk.text({"--version"}), {".", "instruction sets: ", "portable"}));
}

TEST_CASE("BACKLIGHT_ISA uses a lesser instruction set, and refuses one that is not there") {
  const Desk desk;
  const auto with = [](const char* isa, const auto& then) {
    REQUIRE(::setenv("BACKLIGHT_ISA", isa, 1) == 0);
    then();
    ::unsetenv("BACKLIGHT_ISA");
  };
  with("portable", [&] {
    CHECK(mentions(desk.text({"--version"}), {"in use: portable"}));
    desk.text({"gradient", "photo.png", "-w", "W.h5"});
  });
  with("mmx", [&] { desk.refuses(2, {"info"}, {"BACKLIGHT_ISA=mmx: this machine has ", "portable"}); });
}
