// `verify` as a command: what it prints, and how it ends.
#include "tests/apps/command_runner.h"
#include "tests/weights/verification_dump.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

const std::vector<std::string> command{"verify", "D.h5", "--weights", "W.h5"};

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// A dump, in float64, of the network in W.h5.
void write_dump_of_weights(const Desk& desk,
                           const DumpOptions& options = {.architecture = "cifar_resnet20"}) {
  const WeightFile file(desk.path("W.h5"));
  const Graph graph = build_network(
      "cifar_resnet20", {.batch = 2, .input_size = 16, .classes = 10, .normalization = std::nullopt});
  write_dump<double>(desk.path("D.h5"), graph,
                     std::make_shared<const Parameters>(file.read(graph, Precision::float64)), options);
}

void change_weight(const Desk& desk, const char* name) {
  edit(desk.path("W.h5"), [&](hid_t file) {
    const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
    std::vector<float> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    REQUIRE(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    values[4] += 0.01f;
    REQUIRE(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
    H5Sclose(space), H5Dclose(dataset);
  });
}

}  // namespace

TEST_CASE("verify ends with 0 and a table where the network agrees") {
  const Desk desk;
  write_dump_of_weights(desk);
  const std::string table = desk.text(command);
  CHECK(mentions(table, {"cifar_resnet20 by a test", "layer3.2.conv2", "pass: every node agrees"}));
  const json result = desk.json(with(command, {"--precision", "float64"}));
  CHECK(result["verdict"] == "pass");
  CHECK(result["first_divergent"].is_null());
  CHECK(result["bars"] == json{{"local", 1e-10}, {"end_to_end", 1e-10}});
  CHECK(result["unknown"].empty());
  CHECK(result["kinks"] == 0);
  CHECK(result["decisions"] == 2 * (7 * 16 * 16 * 16 + 6 * 32 * 8 * 8 + 6 * 64 * 4 * 4));  // its ReLUs
  CHECK(result["nodes"].size() > 60);
  for (const json& node : result["nodes"]) CHECK(node["verdict"] == "pass");
}

TEST_CASE("verify takes float32, other kernels and the other device") {
  const Desk desk;
  write_dump_of_weights(desk);
  for (const auto& more : {std::vector<std::string>{}, {"--kernel", "ref"}, {"--device", "simt"}}) {
    const json result = desk.json(with(with(command, {"--precision", "float32"}), more));
    CHECK(result["verdict"] != "bug");
    CHECK(result["bars"] == json{{"local", 1e-5}, {"end_to_end", 1e-4}});
  }
  desk.refuses(2, with(command, {"--precision", "float16"}), {"float16", "float32"});
}

TEST_CASE("verify ends with 3 where a layer differs, and names it") {
  const Desk desk;
  write_dump_of_weights(desk);
  change_weight(desk, "layer2.1.conv2.weight");
  for (const std::string precision : {"float32", "float64"}) {
    const Result text = desk.run(with(command, {"--precision", precision}));
    CHECK(text.status == 3);
    CHECK(text.err == "");
    CHECK(mentions(text.out, {"differs: the first that is wrong is the forward of layer2.1.conv2,"}));
    const Result result = desk.run(with(command, {"--precision", precision, "--json"}));
    CHECK(result.status == 3);
    CHECK(result.err == "");
    const json report = json::parse(result.out);
    CHECK(report["verdict"] == "bug");
    CHECK(report["first_divergent"] == "layer2.1.conv2");
    for (const json& node : report["nodes"])
      if (node["blame"] != "") CHECK(mentions(node["blame"], {"ward of layer2.1.conv2"}));
  }
}

TEST_CASE("verify --as-run holds what the other commands run, and names what is fused") {
  const Desk desk;
  write_dump_of_weights(desk);
  const std::string table = desk.text(with(command, {"--as-run"}));
  CHECK(mentions(table, {"fused into layer3.2.conv2", "pass, value fused into layer3.2.conv1",
                         "values of the dump are fused into other nodes", "pass: every node agrees"}));
  const auto homes =
      [](const json& report) {  // of each value of the dump: the node that it is part of, or null
        std::map<std::string, json> result;
        for (const json& node : report["nodes"]) result[node["name"]] = node["fused_into"];
        return result;
      };
  const json result = desk.json(with(command, {"--as-run"})), plain = desk.json(command);
  CHECK(result["verdict"] == "pass");
  CHECK(result["decisions"] == plain["decisions"]);  // a ReLU within a node still has its signs
  CHECK(homes(result).size() == homes(plain).size());
  CHECK(homes(result).at("layer2.1.bn2") == "layer2.1.conv2");
  CHECK(homes(result).at("layer2.1").is_null());
  int fused = 0;
  for (const auto& [name, home] : homes(plain)) {
    CHECK(home.is_null());
    fused += !homes(result).at(name).is_null();
  }
  CHECK(result["fused"] == fused);
  CHECK(plain["fused"] == 0);
  CHECK(fused > 40);
  const json unfused = desk.json(with(command, {"--as-run", "--no-fuse"}));
  CHECK(unfused["fused"] == 19);  // convolutions into their batchnorms
  CHECK(desk.json(with(command, {"--as-run", "--no-fold"}))["fused"] == 0);

  change_weight(desk, "layer2.1.conv2.weight");
  const Result off = desk.run(with(command, {"--as-run"}));
  CHECK(off.status == 3);
  CHECK(mentions(off.out,
                 {"differs: the first that is wrong is the forward of layer2.1.conv2, seen at 'layer2.1'"}));
  desk.refuses(2, with(command, {"--no-fuse"}), {"--no-fuse", "--as-run"});
  fs::copy_file(fs::path(FIXTURES) / "training.h5", desk.path("T.h5"));
  desk.refuses(2, {"verify", "T.h5", "--as-run"}, {"--as-run", "training dump"});
}

TEST_CASE("verify lists nodes that the network does not have") {
  const Desk desk;
  write_dump_of_weights(desk);
  edit(desk.path("D.h5"), [](hid_t file) {
    REQUIRE(H5Lmove(file, "activations/bn1", file, "activations/norm1", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  });
  CHECK(desk.json(command)["unknown"] == json{"activations/norm1"});
  CHECK(mentions(desk.text(command), {"activations/norm1", "not in this network under that name"}));
}

TEST_CASE("verify refuses a dump of another network, and what is no dump") {
  const Desk desk;
  write_dump_of_weights(desk, {.architecture = "cifar_resnet32"});
  desk.refuses(1, command, {"cifar_resnet32", "cifar_resnet20"});
  const std::string bytes = bytes_of(desk.path("D.h5"));
  write_bytes(desk.path("D.h5"), bytes.substr(0, bytes.size() / 2));
  desk.refuses(1, command, {"D.h5: "});
  fs::copy_file(desk.path("W.h5"), desk.path("D.h5"), fs::copy_options::overwrite_existing);
  desk.refuses(1, command, {"D.h5: ", "backlight-weights"});
  fs::copy_file(desk.path("photo.png"), desk.path("D.h5"), fs::copy_options::overwrite_existing);
  desk.refuses(1, command, {"D.h5: ", "HDF5"});
  fs::remove(desk.path("D.h5"));
  desk.refuses(1, command, {"D.h5: "});
  desk.refuses(1, {"verify", "W.h5", "--weights", "photo.png"}, {});
}

TEST_CASE("verify names the node whose shape is not the network's") {
  const Desk desk;
  write_dump_of_weights(desk);
  const std::vector<double> zeros(2 * 16 * 8 * 8);
  edit(desk.path("D.h5"), [&](hid_t file) {
    for (const char* name : {"activations/bn1", "gradients/bn1"}) {
      REQUIRE(H5Ldelete(file, name, H5P_DEFAULT) >= 0);
      add_dataset(file, name, H5T_IEEE_F64LE, {2, 16, 8, 8}, H5T_NATIVE_DOUBLE, zeros.data());
    }
  });
  const Result text = desk.run(command);
  CHECK(text.status == 3);
  CHECK(text.err == "");
  CHECK(
      mentions(text.out, {"the first that is wrong is the shape of bn1 (2x16x8x8, in the network 2x16x16x16)",
                          "values of 1 of 71 nodes; gradients of 1 of 71 nodes"}));
  const json report = json::parse(desk.run(with(command, {"--json"})).out);
  CHECK(report["first_divergent"] == "bn1");
  for (const json& node : report["nodes"])
    CHECK((node["verdict"] == "bug") == (node["name"] == "bn1"));  // and nobody else is blamed
}

TEST_CASE("verify takes a training dump too") {
  const Desk desk;
  fs::copy_file(fs::path(FIXTURES) / "training.h5", desk.path("T.h5"));
  CHECK(mentions(desk.text({"verify", "T.h5"}),
                 {"custom_cnn trained by torch", "bn6.running_var", "adamw", "pass: training agrees"}));
  const json result = desk.json({"verify", "T.h5", "--precision", "float64"});
  CHECK(result["verdict"] == "pass");
  CHECK(result["parameters"].size() == 32);
  CHECK(result["runs"][1]["losses"].size() == 20);

  desk.refuses(2, {"verify", "T.h5", "--weights", "W.h5"}, {"--weights", "training dump"});
  desk.refuses(2, {"verify", "T.h5", "--precision", "float32"}, {"--precision", "float64"});
  write_dump_of_weights(desk);
  desk.refuses(1, {"verify", "D.h5"}, {"cifar_resnet20", "custom_cnn"});  // which is shipped

  edit(desk.path("T.h5"), [](hid_t file) { set_integer(file, "seed", 2); });  // another start
  const Result other = desk.run({"verify", "T.h5"});
  CHECK(other.status == 3);
  CHECK(other.err == "");
  CHECK(mentions(other.out, {"differs: '"}));
}
