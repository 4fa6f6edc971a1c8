#include <chrono>
#include <thread>

#include "apps/training/training.h"
#include "engine/error.h"
#include "tests/apps/command_runner.h"
#include "weights/checkpoint.h"

using namespace backlight;
using namespace backlight::test;

namespace {

TrainingSettings small_run() {
  TrainingSettings settings;
  settings.input_size = 16;
  settings.epochs = 3;
  settings.batch = 4;
  settings.pictures = 10;  // two batches and a rest
  settings.held_out = 5;
  settings.final_test = 7;
  settings.rate = 0.02;
  settings.mixup = 0.5;
  return settings;
}

/// The same run as options.
std::vector<std::string> small_train(const std::string& out) {
  return {"train", "--input-size", "16", "--epochs",     "3", "--batch", "4",    "--pictures",
          "10",    "--held-out",   "5",  "--final-test", "7", "--rate",  "0.02", "--mixup",
          "0.5",   "--out",        out};
}

std::vector<float> weights_of(const fs::path& path) {
  const WeightFile file(path);
  const Parameters parameters = file.read(file.network());
  std::vector<float> all;
  for (const std::string& name : parameters.names())
    for (const float x : parameters.at(name).copy<float>()) all.push_back(x);
  return all;
}

std::vector<float> run_whole(const fs::path& out, int threads) {
  Training training(small_run(), out, "tests", threads);
  CHECK(training.run({}));
  training.finish();
  return weights_of(out);
}

}  // namespace

TEST_CASE("training: the same bits for any number of threads, and after a stop at any step") {
  const Folder folder;
  const std::vector<float> wanted = run_whole(folder / "one.h5", 1);
  CHECK(run_whole(folder / "two.h5", 2) == wanted);
  for (const int steps : {1, 2, 3, 5}) {
    CAPTURE(steps);
    const fs::path out = folder / ("stopped" + std::to_string(steps) + ".h5");
    int left = steps;
    Training first(small_run(), out, "tests", 2);
    REQUIRE(!first.run({.stop = [&] { return --left == 0; }}));
    Training second = Training::resumed(TrainingFiles(out).checkpoint, 1);
    CHECK(second.run({}));
    CHECK(second.history().size() == 3);
    second.finish();
    CHECK(weights_of(out) == wanted);
    CHECK(!fs::exists(TrainingFiles(out).checkpoint));
  }
}

TEST_CASE("training lowers the loss, of every optimizer" * doctest::test_suite("slow")) {
  const Folder folder;
  for (const auto method : {OptimizerOptions::Method::sgd, OptimizerOptions::Method::adamw}) {
    TrainingSettings settings = small_run();
    settings.optimizer.method = method;
    settings.rate = method == OptimizerOptions::Method::sgd ? 0.05 : 0.005;
    settings.mixup = 0;
    settings.input_size = 32;
    settings.pictures = 800;
    settings.batch = 16;
    Training training(settings, folder / "W.h5", "tests", 2);
    CHECK(training.run({}));
    CHECK(training.history().back().loss < 0.9 * training.history().front().loss);
    CHECK(training.history().back().accuracy > 0.3);  // chance: 0.2
  }
}

TEST_CASE("a loss that is not finite stops the run and says where") {
  const Folder folder;
  TrainingSettings settings = small_run();
  settings.rate = 1e30;
  Training training(settings, folder / "W.h5", "tests", 1);
  try {
    training.run({});
    FAIL_CHECK("went on");
  } catch (const Error& error) {
    CHECK_MESSAGE(mentions(error.what(), {"nan", "in step ", "epoch ", "--rate"}), error.what());
  }
  CHECK(!fs::exists(folder / "W.h5"));
}

TEST_CASE("a parameter that is not finite stops the run, even where the loss does not show it") {
  const Folder folder;
  Training training(small_run(), folder / "W.h5", "tests", 1);
  const Tensor& variance = training.trainer().parameters()->at("bn1.running_var");
  const std::vector<float> infinite(static_cast<std::size_t>(variance.shape.elements()),
                                    std::numeric_limits<float>::infinity());
  variance.assign(std::span(infinite));
  try {
    training.run({});
    FAIL_CHECK("went on");
  } catch (const Error& error) {
    CHECK_MESSAGE(mentions(error.what(), {"'bn1.running_var' is not finite in step ", "(epoch 1)", "--rate"}),
                  error.what());
  }
  CHECK(!fs::exists(folder / "W.checkpoint.h5"));
}

TEST_CASE("train writes weights that say how they came about, a history and its plot") {
  const Desk desk;
  const nlohmann::json result = desk.json(small_train("T.h5"));
  CHECK(result["held_out_pictures"] == 7);
  CHECK(result["classes"].size() == 5);
  const ModelInfo info = WeightFile(desk.path("T.h5")).info();
  const nlohmann::json record = nlohmann::json::parse(info.training);
  CHECK(record["command"].get<std::string>().find("backlight train --out T.h5") == 0);
  CHECK(record["settings"]["seed"] == 1);
  CHECK(record["held_out_correct"] == result["held_out_correct"]);
  CHECK(history_from_csv(record["history"], "").size() == 3);
  CHECK(history_from_csv(bytes_of(desk.path("T.history.csv")), "").size() == 3);
  CHECK(load_image(desk.path("T.history.png")).width > 600);
  CHECK(desk.json({"info", "T.h5"})["training"]["seconds"].is_number());
  CHECK(mentions(desk.text({"info", "T.h5"}), {"trained by: backlight train", "held out: ", " of 7 right"}));
  CHECK(desk.json({"classify", "photo.png", "--weights", "T.h5"})["images"][0]["top"].size() == 5);
}

TEST_CASE("train --resume refuses what it cannot go on with") {
  const Desk desk;
  TrainingSettings settings = small_run();
  Training training(settings, desk.path("T.h5"), "tests", 1);
  REQUIRE(!training.run({.stop = [] { return true; }}));
  const std::string good = bytes_of(desk.path("T.checkpoint.h5"));
  desk.refuses(2, {"train", "--out", "T.h5"}, {"T.checkpoint.h5", "--resume", "--overwrite"});
  desk.refuses(2, {"train", "--resume", "T.checkpoint.h5", "--epochs", "9"}, {"--resume", "--epochs"});
  desk.refuses(2, {"train", "--resume", "W.h5"}, {"W.h5", ".checkpoint.h5"});
  desk.refuses(1, {"train", "--resume", "absent.checkpoint.h5"}, {"absent.checkpoint.h5"});
  fs::copy_file(desk.path("W.h5"), desk.path("weights.checkpoint.h5"));
  desk.refuses(1, {"train", "--resume", "weights.checkpoint.h5"}, {"backlight-weights"});
  const auto spoilt = [&](const std::function<void(hid_t)>& change, const std::vector<std::string>& parts) {
    write_bytes(desk.path("T.checkpoint.h5"), good);
    edit(desk.path("T.checkpoint.h5"), change);
    desk.refuses(1, {"train", "--resume", "T.checkpoint.h5"}, parts);
  };
  spoilt([](hid_t file) { set_integer(file, "version", 2); }, {"T.checkpoint.h5", "version 2"});
  spoilt([](hid_t file) { set_integer(file, "epoch", 99); }, {"T.checkpoint.h5", "stands"});
  spoilt([](hid_t file) { set_text(file, "settings", "{}"); }, {"T.checkpoint.h5", "settings"});
  spoilt([](hid_t file) { set_text(file, "data", "other"); }, {"T.checkpoint.h5", "pictures"});
  spoilt([](hid_t file) { set_integer(file, "steps", 7); }, {"T.checkpoint.h5", "stands"});
  const auto setting = [&](const char* name, auto value) {
    spoilt(
        [&](hid_t file) {
          nlohmann::json settings_json = to_json(small_run());
          settings_json[name] = value;
          set_text(file, "settings", settings_json.dump());
        },
        {"T.checkpoint.h5", "setting"});
  };
  setting("batch", 0);
  setting("held_out", -1);
  setting("epochs", 2.5);
  setting("pictures", std::int64_t{1} << 33);
  setting("mixup", 2);
  spoilt([](hid_t file) { set_text(file, "architecture", "resnet18"); },
         {"T.checkpoint.h5", "resnet18", "custom_cnn"});
  spoilt(
      [](hid_t file) {
        set_text(file, "architecture", "cifar_resnet20");
        TrainingSettings other = small_run();
        other.architecture = "cifar_resnet20";
        set_text(file, "settings", to_json(other).dump().c_str());
      },
      {"T.checkpoint.h5", "conv1.weight"});
}

TEST_CASE("a full disk during a checkpoint leaves the last good one") {
  const Desk desk;
  TrainingSettings settings = small_run();
  Training training(settings, desk.path("T.h5"), "tests", 1);
  int steps = 0;
  REQUIRE(!training.run({.stop = [&] { return ++steps == 3; }}));
  const std::string good = bytes_of(desk.path("T.checkpoint.h5"));
  const Result result = desk.run({"train", "--resume", "T.checkpoint.h5"}, {.largest_file = 100'000});
  CHECK(result.status == 1);
  CHECK(mentions(result.err, {"T.checkpoint.h5", "File too large"}));
  CHECK(bytes_of(desk.path("T.checkpoint.h5")) == good);
  CHECK(desk.run({"train", "--resume", "T.checkpoint.h5"}).status == 0);
}

TEST_CASE("ctrl-C leaves a checkpoint and says how to go on") {
  const Desk desk;
  std::vector<std::string> arguments = small_train("T.h5");
  arguments[4] = "100000";
  Process training(desk.path(""), arguments);
  while (!fs::exists(desk.path("T.checkpoint.h5"))) {
    REQUIRE(training.is_running());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  training.interrupt();
  const Result result = training.wait();
  CHECK(result.status == 130);
  CHECK(mentions(result.err, {"backlight train --resume T.checkpoint.h5"}));
  CHECK(!fs::exists(desk.path("T.h5")));
  CHECK(read_checkpoint_state(desk.path("T.checkpoint.h5")).epoch >= 1);
}
