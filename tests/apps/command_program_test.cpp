// `backlight info --program`, and the options that change what a program is made of.
#include <algorithm>

#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using json = nlohmann::json;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text)
    if (c == '\n')
      lines.emplace_back();
    else
      lines.back() += c;
  return lines;
}

}  // namespace

TEST_CASE("info --program lists every call within 120 columns, and its memory") {
  const Desk desk;
  const json program = desk.json({"info", "W.h5", "--program", "--batch", "2", "--threads", "1"});
  REQUIRE(program["forward"].size() > 20);
  const json& stem = program["forward"][1];
  CHECK(stem["node"] == "conv1");
  CHECK(stem["contract"] == "conv_forward");
  CHECK(stem["reads"][0]["shape"] == json({2, 3, 32, 32}));
  CHECK(stem["flop"] == 2.0 * 2 * 32 * 32 * 16 * 27);
  CHECK(program["memory"]["prepared"] > 2 * 4 * 268000);
  for (const json& call : program["forward"]) CHECK(call["contract"] != "relu_forward");  // fused

  const std::string text = desk.text({"info", "W.h5", "--program", "--batch", "2", "--threads", "1"});
  const std::vector<std::string> lines = lines_of(text);
  for (const std::string& line : lines) CHECK(line.size() <= 120);
  CHECK(lines.size() == program["forward"].size() + program["backward"].size() + 11);
  CHECK(mentions(text, {"conv_backward_data", "scratch"}));
}

TEST_CASE("--no-fuse and --no-fold change the program, and --kernel each contract of it") {
  const Desk desk;
  const auto contracts = [&](const std::vector<std::string>& more) {
    std::map<std::string, std::string> kernels;
    std::vector<std::string> command{"info", "W.h5", "--program"};
    command.insert(command.end(), more.begin(), more.end());
    const json program = desk.json(command);
    for (const char* direction : {"forward", "backward"})
      for (const json& call : program[direction]) kernels[call["contract"]] = call["kernel"];
    return kernels;
  };
  CHECK(contracts({}).count("add") == 0);
  CHECK(contracts({"--no-fuse"}).count("add") == 1);
  CHECK(contracts({"--no-fuse"}).count("norm_scale") == 0);
  CHECK(contracts({"--no-fold"}).count("norm_scale") == 1);
  const auto some = contracts({"--kernel", "conv_forward=ref"});
  CHECK(some.at("conv_forward") == "ref");
  CHECK(some.at("conv_backward_data") != "ref");
  CHECK(contracts({"--device", "simt"}).at("average_pool_forward") == "host");
  desk.refuses(2, {"info", "W.h5", "--program", "--kernel", "conv_forward=fastest"},
               {"conv_forward has", "ref"});
  desk.refuses(2, {"info", "W.h5", "--program", "--kernel", "conv=ref"}, {"conv_forward", "relu_backward"});
  desk.refuses(2, {"info", "W.h5", "--program", "--rule", "best"}, {"gradient, guided or deconvnet"});
  desk.refuses(1, {"info", "W.h5", "--program", "--batch", "1000000"}, {"a batch of", "fits"});
}
