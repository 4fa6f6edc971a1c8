// Real weights on real images: how many of the first 512 test images of CIFAR-10 each network gets right. The
// counts are PyTorch's; no image's two best logits are closer than 0.0096, so they leave no room.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "engine/session.h"
#include "layers/network.h"
#include "layers/passes/fold_batchnorm.h"
#include "tests/weights/h5_fixtures.h"
#include "weights/hdf5/file.h"

using namespace backlight;
namespace fs = std::filesystem;

namespace {

struct Images {
  std::vector<float> pixels;  // N,3,32,32, 0 … 255
  std::vector<std::int64_t> labels;
};

Images read_images() {
  const char* zoo = std::getenv("BACKLIGHT_ZOO");
  const fs::path path =
      fs::path(zoo ? zoo : BACKLIGHT_SOURCE "/../shared/zoo") / "images" / "cifar10_test_512.h5";
  if (!fs::exists(path)) return {};
  Images images;
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  const hid_t pixels = H5Dopen2(file, "images", H5P_DEFAULT);  // 8-bit, which hdf5::Dataset does not read
  images.pixels.resize(512 * 3 * 32 * 32);
  const hid_t space = H5Dget_space(pixels);
  REQUIRE(H5Sget_simple_extent_npoints(space) == static_cast<hssize_t>(images.pixels.size()));
  REQUIRE(H5Dread(pixels, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, images.pixels.data()) >= 0);
  H5Sclose(space), H5Dclose(pixels), H5Fclose(file);
  images.labels = hdf5::open_file(path).dataset("labels").read<std::int64_t>();
  return images;
}

struct Score {
  int right = 0;
  double smallest_margin = INFINITY;  // between the two best logits
};

Score score(const Graph& network, const std::shared_ptr<const Parameters>& parameters, const Images& images,
            std::int64_t batch) {
  const int threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Session session(network.with_batch(batch), parameters, {}, {.threads = threads});
  const std::string logits = session.graph().value(session.graph().output()).name;
  const std::size_t size = static_cast<std::size_t>(batch) * 3 * 32 * 32;
  Score result;
  for (std::size_t first = 0; first < images.labels.size(); first += static_cast<std::size_t>(batch)) {
    session.set("image", std::span(images.pixels).subspan(first * 3 * 32 * 32, size));
    session.forward();
    std::vector<float> all = session.value<float>(logits);
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(10 * i);
      result.right += std::max_element(begin, begin + 10) - begin == images.labels[first + i];
      std::partial_sort(begin, begin + 2, begin + 10, std::greater<>());
      result.smallest_margin = std::min(result.smallest_margin, static_cast<double>(begin[0] - begin[1]));
    }
  }
  return result;
}

void counts(const std::string& architecture, int right) {
  const fs::path path = fs::path(BACKLIGHT_ZOO_H5) / (architecture + ".h5");
  const Images images = read_images();
  if (!fs::exists(path) || images.labels.empty()) {
    MESSAGE("skipped: no zoo with " << architecture << "; set BACKLIGHT_ZOO to where it is");
    return;
  }
  const WeightFile file(path);
  const ModelInfo& info = file.info();
  const Graph graph = build_network(
      info.architecture,
      {.input_size = info.input_size, .classes = 10, .normalization = Normalization{info.mean, info.std}});
  const auto parameters = std::make_shared<const Parameters>(file.read(graph));
  const Score plain = score(graph, parameters, images, 64);
  CHECK(plain.right == right);
  CHECK(plain.smallest_margin > 0.009);
  const FoldedNetwork folded = fold_batchnorm(graph, parameters);
  CHECK(score(folded.graph, folded.parameters, images, 16).right == right);
}

}  // namespace

TEST_SUITE_BEGIN("slow");

TEST_CASE("CIFAR ResNet20 gets 467 of 512 right") { counts("cifar_resnet20", 467); }
TEST_CASE("CIFAR ResNet32 gets 478 of 512 right") { counts("cifar_resnet32", 478); }
TEST_CASE("CIFAR ResNet44 gets 477 of 512 right") { counts("cifar_resnet44", 477); }
TEST_CASE("CIFAR ResNet56 gets 482 of 512 right") { counts("cifar_resnet56", 482); }

TEST_SUITE_END();
