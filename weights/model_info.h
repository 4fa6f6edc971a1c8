#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace backlight {

/// What a weight file says about its network besides the tensors.
struct ModelInfo {
  std::string architecture;          // "resnet50"
  std::vector<std::string> classes;  // names, in the order of the logits
  std::int64_t input_size = 224;     // side of the square input in pixels
  std::int64_t resize = 256;  // shorter side before the centre crop to input_size; 0: straight to input_size
  std::array<double, 3> mean{}, std{1, 1, 1};  // of red, green and blue, in units of 0..1
  std::string source;                          // where the numbers come from
  std::string source_sha256;                   // of the file that was converted
  std::string license;
  std::string producer;       // the program that wrote the file
  std::string training = {};  // how Backlight trained them, as JSON; empty where it did not
};

/// Throws Error, which begins with `where`, for a description that no network can have: no architecture or no
/// class, an input size outside 1..8192, a resize below it other than 0, a mean that is not finite or a std
/// that is not positive.
void check(const ModelInfo& info, const std::string& where);

}  // namespace backlight
