// What the commands say and write when all is well.
#include <bit>
#include <cmath>
#include <numeric>

#include "apps/image/image.h"
#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Several photographs, more than run at once, of different sizes.
std::vector<std::string> photographs(const Desk& desk) {
  const std::vector<std::string> fixtures{"tall_47x61.png", "small.png",     "baseline.jpg", "rgb.bmp",
                                          "row_53x1.png",   "point_1x1.png", "grey.png"};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 18; ++i) {
    const std::string& fixture = fixtures[i % fixtures.size()];
    names.push_back("p" + std::to_string(i) + fixture.substr(fixture.find('.')));
    desk.add_fixture(fixture, names.back());
  }
  return names;
}

/// The data of a .npy file of float32 whose header says this shape.
std::vector<float> read_npy(const fs::path& path, const std::string& shape) {
  const std::string bytes = bytes_of(path);
  CHECK(bytes.rfind("\x93NUMPY", 0) == 0);
  const std::size_t end = bytes.find('\n') + 1;
  CHECK(mentions(bytes.substr(0, end), {"'<f4'", "'fortran_order': False", "'shape': " + shape}));
  std::vector<float> values((bytes.size() - end) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + end, values.size() * sizeof(float));
  return values;
}

std::vector<float> read_h5(const fs::path& path, const std::vector<hsize_t>& shape) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t dataset = H5Dopen2(file, "gradient", H5P_DEFAULT), space = H5Dget_space(dataset);
  std::vector<hsize_t> extents(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
  H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  CHECK(extents == shape);
  std::vector<float> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
  CHECK(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0);
  for (const char* attribute : {"image", "architecture", "class", "rule", "objective", "units"})
    CHECK(H5Aexists(file, attribute) > 0);
  H5Sclose(space), H5Dclose(dataset), H5Fclose(file);
  return values;
}

double norm(const std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * value;
  return std::sqrt(squares);
}

}  // namespace

TEST_CASE("classify prints the documented JSON") {
  const Desk desk;
  const json result = desk.json({"classify", "photo.png", "--weights", "W.h5", "--top", "10"});
  CHECK(result.size() == 1);
  REQUIRE(result["images"].size() == 1);
  const json& image = result["images"][0];
  CHECK(image.size() == 2);
  CHECK(image["path"] == "photo.png");
  REQUIRE(image["top"].size() == 10);
  double sum = 0, before = INFINITY;
  std::vector<bool> seen(10, false);
  for (const json& candidate : image["top"]) {
    CHECK(candidate.size() == 4);
    REQUIRE(candidate["index"].is_number_integer());
    const auto index = candidate["index"].get<std::size_t>();
    CHECK(candidate["name"] == cifar_classes().at(index));
    CHECK(!seen[index]);
    seen[index] = true;
    REQUIRE(candidate["logit"].is_number_float());
    CHECK(candidate["logit"].get<double>() <= before);
    before = candidate["logit"].get<double>();
    sum += candidate["probability"].get<double>();
  }
  CHECK(sum == doctest::Approx(1).epsilon(1e-12));
  // p_i / p_j = exp(l_i − l_j)
  const json &first = image["top"][0], &second = image["top"][1];
  CHECK(first["probability"].get<double>() / second["probability"].get<double>() ==
        doctest::Approx(std::exp(first["logit"].get<double>() - second["logit"].get<double>())));

  CHECK(desk.json({"classify", "photo.png", "-w", "W.h5"})["images"][0]["top"].size() == 5);
  CHECK(desk.json({"classify", "photo.png", "-w", "W.h5", "--top", "1"})["images"][0]["top"][0] == first);
  CHECK(mentions(desk.text({"classify", "photo.png", "-w", "W.h5"}), {"photo.png\n", " %", first["name"]}));
}

TEST_CASE("several images in one call give the bits that each gives alone") {
  const Desk desk;
  const std::vector<std::string> names = photographs(desk);
  const json together = desk.json(with({"classify", "-w", "W.h5", "--top", "10"}, names))["images"];
  const json gradients =
      desk.json(with({"gradient", "-w", "W.h5", "--format", "npy", "--out", "all"}, names))["images"];
  CHECK(desk.json({"gradient", names[0], "-w", "W.h5", "--format", "npy"})["images"][0]["out"] ==
        "gradient.npy");
  REQUIRE(together.size() == names.size());
  REQUIRE(gradients.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i % 4 != 1) continue;
    CAPTURE(names[i]);
    CHECK(desk.json({"classify", "-w", "W.h5", "--top", "10", names[i]})["images"][0] == together[i]);
    desk.json({"gradient", "-w", "W.h5", "--out", "one.npy", names[i]});
    CHECK(gradients[i]["path"] == names[i]);
    CHECK(bytes_of(desk.path("one.npy")) == bytes_of(desk.path(gradients[i]["out"])));
  }
}

TEST_CASE("the number of threads changes no bit") {
  const Desk desk;
  const auto result = [&](const std::string& threads) {
    std::string bytes = desk.text({"classify", "photo.png", "-w", "W.h5", "--json", "--threads", threads});
    for (const std::string rule : {"gradient", "guided", "deconvnet"}) {
      desk.text(
          {"gradient", "photo.png", "-w", "W.h5", "--out", "G.npy", "--rule", rule, "--threads", threads});
      bytes += bytes_of(desk.path("G.npy"));
    }
    desk.text({"saliency", "photo.png", "-w", "W.h5", "--out", "M.png", "--threads", threads});
    return bytes + bytes_of(desk.path("M.png"));
  };
  const std::string one = result("1");
  CHECK(result("2") == one);
  CHECK(result("1") == one);  // nor does another run
  CHECK(result("0") == one);
}

TEST_CASE("gradient writes the same numbers as .npy and as .h5, and a picture of them") {
  const Desk desk;
  const json npy = desk.json({"gradient", "photo.png", "-w", "W.h5", "--out", "G.npy"});
  const std::vector<float> values = read_npy(desk.path("G.npy"), "(3, 32, 32)");
  REQUIRE(values.size() == 3 * 32 * 32);
  desk.json({"gradient", "photo.png", "-w", "W.h5", "--out", "G.h5"});
  CHECK(read_h5(desk.path("G.h5"), {3, 32, 32}) == values);

  CHECK(npy["rule"] == "gradient");
  const json& image = npy["images"][0];
  CHECK(image["path"] == "photo.png");
  CHECK(image["out"] == "G.npy");
  CHECK(image["norm"].get<double>() == doctest::Approx(norm(values)));
  CHECK(norm(values) > 0);
  const json best = desk.json({"classify", "photo.png", "-w", "W.h5"})["images"][0]["top"][0];
  CHECK(image["class"] == json{{"index", best["index"]}, {"name", best["name"]}});
  CHECK(image["logit"] == best["logit"]);

  desk.json({"gradient", "photo.png", "-w", "W.h5", "--out", "G.png"});
  const Image picture = load_image(desk.path("G.png"));
  CHECK(picture.width == 224);
  CHECK(picture.height == 224);
}

TEST_CASE("the rules send back different gradients of one forward") {
  const Desk desk;
  std::map<std::string, std::string> gradients;
  json logit;
  for (const std::string rule : {"gradient", "guided", "deconvnet"}) {
    const json result = desk.json({"gradient", "photo.png", "-w", "W.h5", "--out", "G.npy", "--rule", rule});
    CHECK(result["rule"] == rule);
    if (!logit.is_null()) CHECK(result["images"][0]["logit"] == logit);
    logit = result["images"][0]["logit"];
    gradients[bytes_of(desk.path("G.npy"))] = rule;
    CHECK(mentions(desk.text({"gradient", "photo.png", "-w", "W.h5", "--out", "G.npy", "--rule", rule}),
                   {"19 of 19 ReLUs"}));
  }
  CHECK(gradients.size() == 3);
}

TEST_CASE("a class goes by its name or its index, in any case") {
  const Desk desk;
  std::map<std::string, int> results;
  for (const std::string name : {"dog", "5", "Dog"}) {
    const json result = desk.json({"gradient", "photo.png", "-w", "W.h5", "--out", "G.npy", "--class", name});
    CHECK(result["images"][0]["class"] == json{{"index", 5}, {"name", "dog"}});
    ++results[bytes_of(desk.path("G.npy"))];
  }
  CHECK(results.size() == 1);
  desk.json({"gradient", "photo.png", "-w", "W.h5", "--out", "G.npy", "--class", "ship"});
  CHECK(results.count(bytes_of(desk.path("G.npy"))) == 0);
}

TEST_CASE("saliency draws its styles and writes the raw map") {
  const Desk desk;
  desk.json({"gradient", "photo.png", "-w", "W.h5", "--out", "G.npy"});
  const std::vector<float> gradient = read_npy(desk.path("G.npy"), "(3, 32, 32)");
  std::map<std::string, Image> pictures;
  for (const std::string style : {"sheet", "map", "overlay"}) {
    const json result = desk.json({"saliency", "photo.png", "-w", "W.h5", "--out", style + ".png", "--style",
                                   style, "--raw", style + ".npy"});
    CHECK(result["images"][0]["out"] == style + ".png");
    CHECK(result["images"][0]["raw"] == style + ".npy");
    pictures[style] = load_image(desk.path(style + ".png"));
    const std::vector<float> map = read_npy(desk.path(style + ".npy"), "(32, 32)");
    REQUIRE(map.size() == 32 * 32);
    std::size_t wrong = 0;
    for (std::size_t p = 0; p < map.size(); ++p)  // the largest |gradient| over the channels
      wrong += map[p] !=
               std::max({std::abs(gradient[p]), std::abs(gradient[p + 1024]), std::abs(gradient[p + 2048])});
    CHECK(wrong == 0);
  }
  CHECK(pictures["map"].width == 224);
  CHECK(pictures["overlay"].width == 224);
  CHECK(pictures["sheet"].width > 3 * 224);
  CHECK(!(pictures["map"] == pictures["overlay"]));
}

TEST_CASE("pictures of one name go side by side into the folder") {
  const Desk desk;
  fs::create_directory(desk.path("other"));
  desk.add_fixture("small.png", "other/photo.png");
  const json images =
      desk.json({"saliency", "photo.png", "other/photo.png", "-w", "W.h5", "--out", "maps"})["images"];
  CHECK(images[0]["out"] == "maps/photo.png");
  CHECK(images[1]["out"] == "maps/photo-2.png");
  CHECK(bytes_of(desk.path("maps/photo.png")) != bytes_of(desk.path("maps/photo-2.png")));
}

TEST_CASE("the CUDA kernels on the processor and the reference kernels agree with the fast ones") {
  const Desk desk;
  const auto gradient = [&](const std::vector<std::string>& more) {
    desk.text(with({"gradient", "photo.png", "-w", "W.h5", "--class", "3", "--out", "G.npy"}, more));
    return read_npy(desk.path("G.npy"), "(3, 32, 32)");
  };
  const std::vector<float> fast = gradient({});
  for (const auto& more : {std::vector<std::string>{"--kernel", "ref"}, {"--device", "simt"}}) {
    const std::vector<float> other = gradient(more);
    std::vector<float> difference(fast.size());
    std::transform(fast.begin(), fast.end(), other.begin(), difference.begin(), std::minus<>());
    CHECK(norm(difference) <= 1e-3 * norm(fast));
  }
}

TEST_CASE("what is fused gives the bits of what is not") {
  const Desk desk;
  const auto gradient = [&](const std::vector<std::string>& more) {
    desk.text(with({"gradient", "photo.png", "-w", "W.h5", "--rule", "guided", "--out", "G.npy"}, more));
    return read_npy(desk.path("G.npy"), "(3, 32, 32)");
  };
  CHECK(gradient({"--no-fuse"}) == gradient({}));
}

TEST_CASE("info describes the network") {
  const Desk desk;
  const json info = desk.json({"info", "W.h5"});
  CHECK(info["architecture"] == "cifar_resnet20");
  CHECK(info["classes"] == json(cifar_classes()));
  CHECK(info["input_size"] == 32);
  CHECK(info["parameters"] == 269722);  // He et al. 2015, arXiv 1512.03385, table 6: 0.27M
  const json& memory = info["memory"];
  CHECK(memory["arena"] < memory["arena_if_nothing_were_shared"]["activations"]);
  CHECK(memory["together"] == memory["arena"].get<int>() + memory["scratch"].get<int>() +
                                  memory["prepared"].get<int>() + memory["weights"].get<int>());
  // Of a batch of 8 only what depends on the images is larger.
  const json more = desk.json({"info", "W.h5", "--batch", "8"})["memory"];
  CHECK(more["arena"] > 7 * memory["arena"].get<int>());
  CHECK(more["prepared"] == memory["prepared"]);
  CHECK(info["layers"][0]["name"] == "normalize");
  CHECK(mentions(desk.text({"info", "W.h5"}), {"cifar_resnet20", "layer3.2.conv2", "269722 parameters"}));
}
