#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace backlight::fuzz {

using Random = std::mt19937_64;

/// Something that reads what others wrote.
struct Reader {
  std::string_view name;
  /// Good inputs, to begin with.
  std::vector<std::string> (*seeds)();
  /// Reads one input: true where it could be read, false where it was refused in the words meant for that.
  /// Whatever else is thrown, a crash, and ten seconds are faults.
  bool (*read)(std::string_view input);
  /// Changes a good input so that it stays well-formed where the format checks itself; null where there is
  /// none.
  void (*change)(std::string& input, Random& random);
};

std::span<const Reader> readers();

/// The bytes of a file.
std::string bytes_of(const std::filesystem::path& path);

// Each in the file of its name.
std::vector<std::string> picture_seeds(std::string_view extension);
bool read_picture(std::string_view input);
void change_png(std::string& input, Random& random);

std::vector<std::string> weight_seeds(), dump_seeds(), training_seeds(), checkpoint_seeds();
bool read_weights(std::string_view input);
bool read_dump(std::string_view input);
bool read_training(std::string_view input);
bool read_checkpoint_file(std::string_view input);
void change_hdf5(std::string& input, Random& random);

std::vector<std::string> command_seeds();
bool read_command(std::string_view input);

std::vector<std::string> json_seeds();
bool read_json(std::string_view input);

}  // namespace backlight::fuzz
