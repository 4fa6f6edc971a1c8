// `backlight profile`, run as a user does. What it measures depends on the machine: what it says of the
// program must hold everywhere.
#include "apps/image/image.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using json = nlohmann::json;

namespace {
const std::vector<std::string> quick{"profile", "--weights", "W.h5", "--repeat", "3", "--threads", "1"};

std::vector<std::string> with(std::vector<std::string> more) {
  more.insert(more.begin(), quick.begin(), quick.end());
  return more;
}
}  // namespace

TEST_CASE("profile has a row for every call of the program, within 120 columns, and draws them") {
  const Desk desk;
  const std::string text = desk.text(with({"--out", "roof.png", "--trace", "trace.json", "--sort", "time"}));
  std::size_t longest = 0, length = 0;
  for (const char c : text) {
    longest = std::max(longest, length);
    length = c == '\n' ? 0 : length + 1;
  }
  CHECK(longest <= 120);
  const json program = desk.json({"info", "W.h5", "--program", "--threads", "1"});
  const std::size_t calls = program["forward"].size() + program["backward"].size();
  CHECK(mentions(text, {"conv_backward_data (", "by stage", "32x32", "start-up", "fold and fuse", "GFLOP/s",
                        "read from memory", "the rows together",
                        "\n" + std::string(calls < 100 ? " " : "") + std::to_string(calls) + " "}));
  CHECK(load_image(desk.path("roof.png")).width == 1280);
  const json trace = json::parse(bytes_of(desk.path("trace.json")));
  std::size_t traced = 0;
  for (const json& event : trace["traceEvents"]) {
    const std::string category = event.value("cat", "");  // the names of threads have none
    traced += category == "forward" || category == "backward";
  }
  CHECK(traced == calls);
}

TEST_CASE("profile --json tells of the program what info tells, and its sums are those of the rows") {
  const Desk desk;
  const json profile = desk.json(with({"--batch", "2", "--rule", "guided", "--all-kernels"}));
  const json program =
      desk.json({"info", "W.h5", "--program", "--threads", "1", "--batch", "2", "--rule", "guided"});
  std::vector<json> calls;
  for (const char* direction : {"forward", "backward"})
    for (const json& call : program[direction]) calls.push_back(call);
  REQUIRE(profile["calls"].size() == calls.size());
  double sum = 0;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const json& row = profile["calls"][i];
    for (const char* field : {"node", "contract", "kernel", "flop", "bytes", "declined"})
      CHECK(row[field] == calls[i][field]);
    const json& seconds = row["seconds"];
    CHECK(seconds["median"] > 0);
    CHECK((seconds["low"] <= seconds["median"] && seconds["median"] <= seconds["high"]));
    sum += seconds["median"].get<double>();
  }
  CHECK(profile["sum_seconds"] == doctest::Approx(sum));
  for (const char* by : {"kind", "stage", "direction"}) {
    double of_all = 0;
    for (const json& one : profile["sums"][by]) of_all += one["seconds"].get<double>();
    CHECK(of_all == doctest::Approx(sum));
  }
  CHECK(profile["rule"] == "guided");
  CHECK(profile["start_up"].back()["name"] == "first run");
  for (const auto& [kind, bytes] : profile["memory"].items()) CHECK(bytes == program["memory"][kind]);
  CHECK(profile["memory"].size() == 4);

  for (std::size_t i = 0; i < calls.size(); ++i) {
    const json& row = profile["all_kernels"][i];
    int chosen = 0;
    bool reference = false;
    for (const json& kernel : row["kernels"]) {
      chosen += kernel["chosen"].get<bool>();
      if (kernel["chosen"]) CHECK(kernel["name"] == calls[i]["kernel"]);
      reference = reference || kernel["name"] == "ref";
    }
    CHECK(chosen == 1);
    CHECK(reference);
  }
}

TEST_CASE("profile measures the forward alone, or a step of training") {
  const Desk desk;
  const auto directions = [&](const std::vector<std::string>& more) {
    std::map<std::string, int> counts;
    const json profile = desk.json(with(more));
    for (const json& call : profile["calls"]) {
      ++counts[call["direction"]];
      ++counts[call["contract"]];
    }
    return counts;
  };
  const auto forward = directions({"--forward"});
  CHECK(forward.count("backward") == 0);
  CHECK(forward.at("conv_forward") == 19);
  const auto training = directions({"--backward", "parameters", "--batch", "2"});
  CHECK(training.at("conv_backward_weights") == 19);
  CHECK(training.count("norm_backward") == 1);
}

TEST_CASE("profile takes an architecture with random weights, and compares with what it wrote before") {
  const Desk desk;
  const std::vector<std::string> own{
      "profile", "--architecture", "cifar_resnet20", "--repeat", "2", "--threads", "1"};
  std::vector<std::string> command = own;
  const json before = desk.json(command);
  std::FILE* file = std::fopen(desk.path("before.json").c_str(), "w");
  std::fputs(before.dump().c_str(), file);
  std::fclose(file);
  command.insert(command.end(), {"--compare", "before.json", "--no-fuse"});
  CHECK(mentions(desk.text(command), {"against before.json", "a whole run", "add (", "new"}));

  command = own;
  command.insert(command.end(), {"--compare", "before.json", "--batch", "2"});
  desk.refuses(1, command, {"before.json: a profile of a batch of 1", "a batch of 2"});
  command[2] = "cifar_resnet32";
  desk.refuses(1, command, {"before.json: a profile of cifar_resnet20", "cifar_resnet32"});
}

TEST_CASE("profile refuses nonsense in one line, and leaves no file") {
  const Desk desk;
  desk.refuses(1, with({"--compare", "none.json"}), {"none.json", "no such file"});
  desk.refuses(1, with({"--compare", "photo.png"}), {"photo.png: no profile"});
  desk.refuses(2, with({"--out", "roof.jpg"}), {"--out roof.jpg", ".png"});
  desk.refuses(2, with({"--trace", "trace.txt"}), {"--trace trace.txt", ".json"});
  desk.refuses(1, with({"--trace", "nowhere/trace.json"}), {"nowhere/trace.json"});
  desk.refuses(2, with({"--kernel", "fastest"}), {"kernel 'fastest'", "ref"});
  desk.refuses(2, with({"--rule", "best"}), {"gradient, guided or deconvnet"});
  desk.refuses(2, with({"--repeat", "0"}), {"--repeat"});
  desk.refuses(2, with({"--sort", "size"}), {"--sort"});
  desk.refuses(2, with({"--forward", "--backward", "parameters"}), {"--forward"});
  desk.refuses(2, with({"--architecture", "resnet18"}), {"--architecture"});
  desk.refuses(2, {"profile", "--architecture", "lenet"}, {"lenet", "resnet18"});
  desk.refuses(1, with({"--batch", "1000000"}), {"a batch of", "fits"});
}
