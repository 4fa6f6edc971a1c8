#pragma once

#include <string>
#include <vector>

#include "weights/hdf5/library.h"

namespace backlight::hdf5 {

/// The elements of an attribute of variable-length strings, each up to its first NUL. Throws Error, which
/// begins with `where`, where the file does not hold them.
///
/// The library's own way (1.10.8) takes the place and the length of such a string from the file unchecked,
/// and a damaged file makes it write past the end of a buffer. So the library hands out only the references,
/// and the strings are looked up here. Format: "HDF5 File Format Specification", III.E Global Heap and
/// IV.A.2.d.
std::vector<std::string> read_variable_strings(hid_t attribute, std::size_t elements,
                                               const std::string& where);

}  // namespace backlight::hdf5
