// Names and texts that others chose: of files, and in files.
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

TEST_CASE("a picture whose name is no UTF-8 goes through every command, and --json stays JSON") {
  const Desk desk;
  const std::string name = "caf\xE9.png";  // Latin-1
  fs::copy_file(desk.path("photo.png"), desk.path(name));
  const json found = desk.json({"classify", name, "-w", "W.h5"});
  CHECK(found["images"][0]["path"] == "caf\uFFFD.png");
  for (const std::string command : {"gradient", "saliency", "localize", "fgsm"})
    desk.json({command, name, "-w", "W.h5", "--out", command + ".png"});
  desk.text({"gradient", name, "-w", "W.h5", "--out", "G.h5"});
}

TEST_CASE("a name with escapes and newlines does not reach the terminal as it is") {
  const Desk desk;
  const std::string name = "a\x1B[2J\nb.png";
  fs::copy_file(desk.path("photo.png"), desk.path(name));
  const std::string out = desk.text({"gradient", name, "-w", "W.h5", "--out", "G.png"});
  CHECK(mentions(out, {"a?[2J?b.png"}));
  CHECK(out.find('\x1B') == std::string::npos);
  const Result missing = desk.run({"classify", "no\x1B[2J\n.png", "-w", "W.h5"});
  CHECK(missing.status == 1);
  CHECK(mentions(missing.err, {"no?[2J?.png"}));
}

TEST_CASE("a record of training that is nested without end is passed over") {
  const Desk desk;
  ModelInfo info = small_info();
  info.architecture = "cifar_resnet20";
  info.classes = cifar_classes();
  info.input_size = 32;
  info.training = std::string(50000, '[') + std::string(50000, ']');
  const Graph graph = build_network("cifar_resnet20", {.input_size = 32, .classes = 10});
  write_weights(desk.path("N.h5"), info, graph, initialize(graph, 1));
  CHECK(desk.json({"info", "N.h5"})["training"] == nullptr);
  desk.text({"info", "N.h5"});
}
