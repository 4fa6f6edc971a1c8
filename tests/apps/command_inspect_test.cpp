// Looking inside: gradient and saliency --at, --objective, --scale; inspect; microscope.
#include <cmath>
#include <cstring>
#include <fstream>

#include "tests/apps/command_runner.h"

using namespace backlight;
using namespace backlight::test;
using nlohmann::json;

namespace {

std::vector<float> npy(const fs::path& path) {
  const std::string bytes = bytes_of(path);
  const std::size_t end = bytes.find('\n') + 1;
  std::vector<float> values((bytes.size() - end) / sizeof(float));
  std::memcpy(values.data(), bytes.data() + end, values.size() * sizeof(float));
  return values;
}

double norm(const std::vector<float>& values) {
  double squares = 0;
  for (const float v : values) squares += static_cast<double>(v) * static_cast<double>(v);
  return std::sqrt(squares);
}

json inspected(const Desk& desk, std::vector<std::string> more) {
  std::vector<std::string> command{"inspect", "photo.png", "--json"};
  command.insert(command.end(), more.begin(), more.end());
  const Result result = run(desk.path(""), command);
  REQUIRE(result.status == 0);
  return json::parse(result.out);
}

}  // namespace

TEST_CASE("inspect says of every node what it made, and of one what gradient --at gives") {
  const Desk desk;
  const json all = inspected(desk, {});
  REQUIRE(all["nodes"].size() == 26);
  for (const char* node : {"conv2", "relu4", "fc"}) {
    CAPTURE(node);
    const json one = inspected(desk, {"--node", node});
    REQUIRE(one["nodes"].size() == 1);
    const json row = *std::find_if(all["nodes"].begin(), all["nodes"].end(),
                                   [&](const json& n) { return n["name"] == node; });
    CHECK(one["nodes"][0] == row);
    if (std::string(node) == "fc") continue;  // where the gradient starts
    CHECK(run(desk.path(""), {"gradient", "photo.png", "--at", node, "-o", "g.npy"}).status == 0);
    CHECK(norm(npy(desk.path("g.npy"))) ==
          doctest::Approx(row["gradient"]["norm"].get<double>()).epsilon(1e-5));
  }
}

TEST_CASE("inspect's counts of ReLUs and max pools hang together") {
  const Desk desk;
  const json plain = inspected(desk, {}), guided = inspected(desk, {"--rule", "guided"});
  for (std::size_t i = 0; i < plain["nodes"].size(); ++i) {
    const json &p = plain["nodes"][i], &g = guided["nodes"][i];
    CHECK(p["value"] == g["value"]);
    CHECK(!p.contains("cosine_with_gradient"));
    CHECK(std::abs(g["cosine_with_gradient"].get<double>()) <= 1 + 1e-9);
    if (p["kind"] == "relu") {
      CHECK(p["relu"]["active"].get<double>() + p["value"]["zeros"].get<double>() == doctest::Approx(1));
      const json& relu = p["relu"];
      CHECK(relu["killed_by_sign"].get<double>() ==
            doctest::Approx(relu["active"].get<double>() *
                            relu["active_with_negative_gradient"].get<double>()));
    }
    if (p["kind"] == "max_pool") {
      CHECK(p["max_pool"]["tied"] >= p["max_pool"]["all_zero"]);
      CHECK(p["max_pool"]["all_zero"] == p["value"]["zeros"]);  // after a ReLU
    }
  }
}

TEST_CASE("inspect keeps the numbers of nodes, and draws the channels of one") {
  const Desk desk;
  CHECK(run(desk.path(""), {"inspect", "photo.png", "-n", "relu1", "conv2", "-o", "n.h5"}).status == 0);
  const hid_t file = H5Fopen(desk.path("n.h5").c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  REQUIRE(file >= 0);
  for (const char* name :
       {"values/relu1", "gradients/relu1", "masks/relu1", "values/conv2", "gradients/conv2"})
    CHECK(H5Lexists(file, name, H5P_DEFAULT) > 0);
  CHECK(H5Lexists(file, "masks/conv2", H5P_DEFAULT) == 0);
  H5Fclose(file);
  CHECK(run(desk.path(""), {"inspect", "photo.png", "-n", "relu1", "-o", "n.png"}).status == 0);
  CHECK(fs::file_size(desk.path("n.png")) > 1000);
  const Result two = run(desk.path(""), {"inspect", "photo.png", "-o", "all.png"});
  CHECK(two.status == 2);
  CHECK(two.err == "backlight: --out all.png: a picture is of one node: name it with --node\n");
}

TEST_CASE("the gradient of a probability is that of the logits, by the chain rule") {
  const Desk desk;
  const auto gradient = [&](const std::string& objective, const std::string& k) {
    const Result result = run(desk.path(""), {"gradient", "photo.png", "-c", k, "--objective", objective,
                                              "-o", "g.npy", "--json", "--no-fold"});
    REQUIRE(result.status == 0);
    return std::pair(npy(desk.path("g.npy")), json::parse(result.out)["images"][0]);
  };
  const auto [of_softmax, told] = gradient("softmax", "1");
  const double p = told["probability"];
  CHECK(told["objective_value"].get<double>() == doctest::Approx(p));
  std::vector<double> expected(of_softmax.size());
  for (const char* k : {"0", "1", "2", "3", "4"}) {
    const auto [of_logit, row] = gradient("logit", k);
    const double factor = p * ((std::string(k) == "1" ? 1 : 0) - row["probability"].get<double>());
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] += factor * static_cast<double>(of_logit[i]);
  }
  double difference = 0, squares = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(of_softmax[i]) - expected[i], 2);
    squares += expected[i] * expected[i];
  }
  CHECK(std::sqrt(difference / squares) < 1e-4);
  const auto [of_loss, loss] = gradient("cross_entropy", "1");
  CHECK(loss["objective_value"].get<double>() == doctest::Approx(-std::log(p)).epsilon(1e-5));
  CHECK(norm(of_loss) * p == doctest::Approx(norm(of_softmax)).epsilon(1e-4));
}

TEST_CASE("a neuron's gradient reaches only what it sees") {
  const Desk desk;
  CHECK(run(desk.path(""), {"gradient", "photo.png", "--objective", "node:conv2:3:10,20", "-o", "g.npy"})
            .status == 0);
  const std::vector<float> g = npy(desk.path("g.npy"));  // 3,128,128
  std::size_t outside = 0, inside = 0;
  for (std::size_t i = 0; i < g.size(); ++i) {
    const std::size_t y = i / 128 % 128, x = i % 128;
    // conv2 reads 3×3 of pool1, whose windows are 2×2 of conv1's, which read 3×3: 8×8 pixels.
    const bool sees = y >= 17 && y <= 24 && x >= 37 && x <= 44;
    (sees ? inside : outside) += g[i] != 0;
  }
  CHECK(outside == 0);
  CHECK(inside > 0);
}

TEST_CASE("pictures of one scale can be compared, and a scale that is none is refused") {
  const Desk desk;
  fs::copy(desk.path("photo.png"), desk.path("again.png"));
  const auto scales = [&](const std::string& scale) {
    const Result result = run(desk.path(""), {"saliency", "photo.png", "again.png", "-c", "2", "--scale",
                                              scale, "--signed", "-o", "maps", "--json"});
    REQUIRE(result.status == 0);
    std::vector<double> found;
    for (std::size_t at = 0; at < result.out.size();) {
      const std::size_t end = result.out.find('\n', at);
      found.push_back(json::parse(result.out.substr(at, end - at))["scale"]);
      at = end + 1;
    }
    return found;
  };
  const std::vector<double> each = scales("each");
  CHECK(scales("shared") == std::vector<double>(2, std::max(each[0], each[1])));
  CHECK(scales("0.5") == std::vector<double>{0.5, 0.5});
  for (const char* wrong : {"0", "-1", "nan", "all"}) {
    const Result result = run(desk.path(""), {"saliency", "photo.png", "--scale", wrong});
    CHECK(result.status == 2);
    CHECK(result.err ==
          "backlight: --scale " + std::string(wrong) + ": each, shared or a number above 0 is expected\n");
  }
}

TEST_CASE("two correct programs differ by rounding, or by a sign: gradient --against says which") {
  const Desk desk;
  const auto against = [&](const std::string& kernel, const std::vector<std::string>& more = {}) {
    std::vector<std::string> command{"gradient", "photo.png", "--against", kernel, "-o", "g.png", "--json"};
    command.insert(command.end(), more.begin(), more.end());
    const Result result = run(desk.path(""), command);
    REQUIRE(result.status == 0);
    return json::parse(result.out)["images"][0]["against"];
  };
  const json same = against("ref", {"--kernel", "ref"});
  CHECK(same["apart"] == 0);
  CHECK(same["signs"][0] == 0);
  const json other = against("ref");
  CHECK(other["held"] < 2e-6);
  CHECK(other["signs"][1] == 16 * 128 * 128 + 24 * 64 * 64 + 48 * 32 * 32 + 96 * 16 * 16 + 2 * 128 * 8 * 8);
  CHECK(other["winners"][1] == 16 * 64 * 64 + 24 * 32 * 32 + 48 * 16 * 16 + 96 * 8 * 8);
  if (other["signs"][0] == 0 && other["winners"][0] == 0) CHECK(other["apart"] == other["held"]);
}

TEST_CASE("what the network does not have is refused by name") {
  const Desk desk;
  const std::string hint = "; backlight info lists them\n";
  const auto refused = [&](const std::vector<std::string>& command) {
    const Result result = run(desk.path(""), command);
    CHECK(result.status == 2);
    return result.err;
  };
  CHECK(refused({"gradient", "photo.png", "--at", "conv7"}) ==
        "backlight: --at conv7: the network has no node of this name; the nearest are conv1, conv2, conv3" +
            hint);
  CHECK(refused({"inspect", "photo.png", "--node", "pol1"}) ==
        "backlight: --node pol1: the network has no node of this name; the nearest are pool1, pool2, pool3" +
            hint);
  CHECK(refused({"inspect", "photo.png", "--node", "image"}) ==
        "backlight: --node image: that is the picture itself, which no node makes\n");
  CHECK(refused({"gradient", "photo.png", "--objective", "node:conv1", "--at", "conv2"}) ==
        "backlight: --at conv2: 'conv1' does not depend on it\n");
  CHECK(refused({"gradient", "photo.png", "--at", "fc"}) ==
        "backlight: --at fc: that is where the gradient starts\n");
  CHECK(refused({"saliency", "photo.png", "--at", "relu2", "--style", "overlay"}) ==
        "backlight: --style overlay: only sizes (--absolute) at the pixels are laid over the photograph\n");
}

TEST_CASE("microscope writes one page that needs nothing else, within its size") {
  const Desk desk;
  const Result result = run(desk.path(""), {"microscope", "photo.png", "-o", "page.html", "--json"});
  CHECK(result.status == 0);
  const json told = json::parse(result.out);
  CHECK(told["computed"] == true);
  const std::string page = bytes_of(desk.path("page.html"));
  CHECK(told["bytes"] == page.size());
  CHECK(page.size() < 3'000'000);
  CHECK(page.find("{{") == page.npos);
  for (const char* outside : {"http://", "https://", " src=", "@import", "url("})
    CHECK(page.find(outside) == page.npos);
  CHECK(run(desk.path(""), {"microscope", "photo.png", "-o", "again.html"}).status == 0);
  CHECK(bytes_of(desk.path("again.html")) == page);
  const Result wrong = run(desk.path(""), {"microscope", "photo.png", "-o", "page.png"});
  CHECK(wrong.status == 2);
  CHECK(wrong.err == "backlight: --out page.png: the file ends in .html\n");
}
