#include <hdf5.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "engine/error.h"
#include "engine/optimizer.h"
#include "layers/conv.h"
#include "layers/initialize.h"
#include "tests/fuzz/readers.h"
#include "weights/checkpoint.h"
#include "weights/verification/reference_dump.h"
#include "weights/verification/training_dump.h"
#include "weights/weight_file.h"

namespace backlight::fuzz {
namespace {

namespace fs = std::filesystem;

/// A file that every input is written to in turn.
const fs::path& place() {
  static const struct Place {
    fs::path path = fs::temp_directory_path() / ("backlight-fuzz-" + std::to_string(::getpid()) + ".h5");
    ~Place() { fs::remove(path); }
  } there;
  return there.path;
}

template <class Read>
bool read_file(std::string_view input, Read read) {
  std::ofstream(place(), std::ios::binary).write(input.data(), static_cast<std::streamsize>(input.size()));
  try {
    read(place());
    return true;
  } catch (const Error&) {
  } catch (const UsageError&) {
  }
  return false;
}

Graph small_graph() {
  Graph graph;
  const ValueId image = graph.input("image", {1, 3, 8, 8});
  graph.add("conv", std::make_shared<Conv>(ConvOptions::square(2, 3, 1, 1, true)), {image});
  return graph;
}

std::shared_ptr<Parameters> small_parameters() {
  return std::make_shared<Parameters>(initialize(small_graph(), 1));
}

}  // namespace

std::vector<std::string> weight_seeds() {
  const ModelInfo info{.architecture = "custom_cnn",
                       .classes = {"a", "b"},
                       .input_size = 32,
                       .resize = 0,
                       .mean = {0.5, 0.5, 0.5},
                       .std = {0.2, 0.2, 0.2},
                       .source = "fuzz",
                       .source_sha256 = "0",
                       .license = "none",
                       .producer = "tests"};
  write_weights(place(), info, small_graph(), *small_parameters());
  return {bytes_of(place())};
}

bool read_weights(std::string_view input) {
  return read_file(input, [](const fs::path& path) {
    const WeightFile file(path);
    (void)file.read(small_graph());
    (void)file.network();
  });
}

std::vector<std::string> dump_seeds() { return {bytes_of(FIXTURES "/custom_cnn_dump.h5")}; }

bool read_dump(std::string_view input) {
  return read_file(input, [](const fs::path& path) {
    const ReferenceDump dump(path);
    (void)dump.target(1000);
    for (const std::string& name : dump.paths()) (void)dump.read(name);
  });
}

std::vector<std::string> training_seeds() { return {bytes_of(FIXTURES "/training.h5")}; }

bool read_training(std::string_view input) {
  return read_file(input, [](const fs::path& path) { (void)read_training_dump(path); });
}

std::vector<std::string> checkpoint_seeds() {
  const CheckpointState state{"{}", "menagerie", "train", "epoch", "small", 1, 2, {1, 2, 3}};
  const auto parameters = small_parameters();
  const Graph graph = small_graph();
  write_checkpoint(place(), state, graph, *parameters, Optimizer(graph, parameters, {}));
  return {bytes_of(place())};
}

bool read_checkpoint_file(std::string_view input) {
  return read_file(input, [](const fs::path& path) {
    static const auto parameters = small_parameters();
    static Optimizer optimizer(small_graph(), parameters, {});
    (void)read_checkpoint_state(path);
    read_checkpoint(path, small_graph(), *parameters, optimizer);
  });
}

namespace {

/// Some name in the root group or a group in it; "" where there is none.
std::string any_name(hid_t file, Random& random) {
  H5G_info_t info;
  if (H5Gget_info(file, &info) < 0 || info.nlinks == 0) return {};
  char name[256] = "";
  H5Lget_name_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, random() % info.nlinks, name, sizeof name,
                     H5P_DEFAULT);
  return name;
}

/// A dataset of random type, shape and storage.
void add_any_dataset(hid_t file, const std::string& name, Random& random) {
  const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_STD_I64LE,
                         H5T_STD_U8LE,   H5T_C_S1,       H5T_STD_I32BE};
  hsize_t extents[3], chunk[3], most[3];
  const int rank = static_cast<int>(random() % 4);
  for (int i = 0; i < rank; ++i) {
    extents[i] = 1 + random() % 7, chunk[i] = 1 + random() % 9;
    most[i] = H5S_UNLIMITED;
  }
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  const bool chunked = rank > 0 && random() % 2 == 0;
  if (chunked) {
    H5Pset_chunk(creation, rank, chunk);
    if (random() % 2 == 0) H5Pset_shuffle(creation);
    if (random() % 2 == 0) H5Pset_deflate(creation, 4);
    if (random() % 2 == 0) H5Pset_fletcher32(creation);
  }
  const hid_t space =
      rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, extents, chunked ? most : nullptr);
  const hid_t type = types[random() % std::size(types)];
  const hid_t dataset = H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
  const std::vector<double> values(1 << 12, 0.5);
  if (random() % 4 != 0) H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Dclose(dataset), H5Sclose(space), H5Pclose(creation);
}

void change_attribute(hid_t file, Random& random) {
  H5O_info_t info;
  if (H5Oget_info(file, &info) < 0 || info.num_attrs == 0) return;
  char name[256] = "";
  const hid_t old = H5Aopen_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, random() % info.num_attrs,
                                   H5P_DEFAULT, H5P_DEFAULT);
  H5Aget_name(old, sizeof name, name);
  H5Aclose(old);
  H5Adelete(file, name);
  if (random() % 3 == 0) return;
  const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_STD_I64LE, H5T_STD_I8LE, H5T_C_S1};
  const hsize_t extent = random() % 5;
  const hid_t space = random() % 2 == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, nullptr);
  const hid_t type = types[random() % std::size(types)];
  const hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  const std::int64_t values[] = {std::int64_t(random()), 1, -1, 0, 7};
  H5Awrite(attribute, type, values);
  H5Aclose(attribute), H5Sclose(space);
}

}  // namespace

/// Changes a good file through the library, so that what is wrong is wrong in its meaning and not in its
/// bytes.
void change_hdf5(std::string& input, Random& random) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pset_fapl_core(access, 1 << 16, false);
  H5Pset_file_image(access, input.data(), input.size());
  const hid_t file = H5Fopen("fuzz", H5F_ACC_RDWR, access);
  if (file >= 0) {
    const std::string name = any_name(file, random);
    switch (random() % 4) {
      case 0:
        change_attribute(file, random);
        break;
      case 1:
        if (!name.empty()) H5Ldelete(file, name.c_str(), H5P_DEFAULT);
        break;
      case 2:
        if (!name.empty()) H5Ldelete(file, name.c_str(), H5P_DEFAULT);
        add_any_dataset(file, name.empty() ? "x" : name, random);
        break;
      default:
        if (!name.empty()) H5Lcreate_hard(file, name.c_str(), file, "another name", H5P_DEFAULT, H5P_DEFAULT);
        break;
    }
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    input.resize(static_cast<std::size_t>(H5Fget_file_image(file, nullptr, 0)));
    H5Fget_file_image(file, input.data(), input.size());
    H5Fclose(file);
  }
  H5Pclose(access);
}

}  // namespace backlight::fuzz
