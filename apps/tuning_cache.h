#pragma once

#include <filesystem>
#include <memory>

#include "kernels/tuning.h"

namespace backlight {

/// What --tune measured before on this processor, with this instruction set and version of Backlight, and
/// what it will measure: the last of all that hold it writes what is new to tuning_file(), and says so on
/// standard error. A file that is damaged is left out with a note, and so is one that cannot be written.
std::shared_ptr<Tuning> remembered_tuning();

/// $XDG_CACHE_HOME/backlight/ or ~/.cache/backlight/, and in it a file named after version, instruction set
/// and processor; empty where there is no home. It is text: a first line that repeats its name, and "kernel,
/// tab, convolution" a line.
std::filesystem::path tuning_file();

}  // namespace backlight
