#pragma once

#include "weights/hdf5/contents.h"
#include "weights/hdf5/library.h"

namespace backlight::hdf5 {

/// Finds out all that a file holds but the elements of its datasets: every name once, with what is wrong with
/// it. Throws Error, which begins with `where`, where the library loses its way.
Contents survey(hid_t root, const std::string& where);

/// What a group says under its attributes' names. Text is UTF-8 without control characters other than tab and
/// newline. `group` is how messages begin.
std::map<std::string, Attribute> read_attributes(hid_t group, const std::string& where);

/// What can be known of a dataset without reading it. Throws Error, which begins with `where`, where its
/// elements are neither floating-point numbers of 16, 32 or 64 bits nor integers; it is empty; its data are
/// virtual, in another file, behind a filter that this library has not, or fewer than its shape declares.
DatasetInfo inspect_dataset(hid_t dataset, const std::string& where);

}  // namespace backlight::hdf5
