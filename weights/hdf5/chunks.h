#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "weights/hdf5/filters.h"
#include "weights/hdf5/reader.h"

namespace backlight::hdf5 {

/// Whether read_chunks can read the dataset: it lies in chunks, and their filters are known.
bool has_known_chunks(hid_t dataset, const std::string& where);

/// As Reader::read, chunk by chunk: each must have the size that it should. `type` is that of the elements in
/// memory.
void read_chunks(hid_t dataset, Rows rows, hid_t type, std::span<std::byte> into, const std::string& where);

}  // namespace backlight::hdf5
