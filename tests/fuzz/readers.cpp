#include "tests/fuzz/readers.h"

#include <fstream>
#include <iterator>

namespace backlight::fuzz {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::span<const Reader> readers() {
  static const Reader all[] = {
      {"png", [] { return picture_seeds(".png"); }, read_picture, change_png},
      {"jpeg", [] { return picture_seeds(".jpg"); }, read_picture, nullptr},
      {"bmp", [] { return picture_seeds(".bmp"); }, read_picture, nullptr},
      {"weights", weight_seeds, read_weights, change_hdf5},
      {"dump", dump_seeds, read_dump, change_hdf5},
      {"training", training_seeds, read_training, change_hdf5},
      {"checkpoint", checkpoint_seeds, read_checkpoint_file, change_hdf5},
      {"command", command_seeds, read_command, nullptr},
      {"json", json_seeds, read_json, nullptr},
  };
  return all;
}

}  // namespace backlight::fuzz
