#pragma once

#include <stdexcept>

namespace backlight {

/// Bad data: a file, an image or a network that cannot be used. One line that names the thing, what was
/// expected and what was found. The command line ends with exit status 1.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A request that makes no sense, whatever the data: an option, a class name, a forced kernel that does not
/// exist. The command line ends with exit status 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace backlight
