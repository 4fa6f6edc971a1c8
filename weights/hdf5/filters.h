#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "weights/hdf5/library.h"

namespace backlight::hdf5 {

/// The filters that a dataset's chunks have passed: shuffle, deflate and fletcher32, in any order. The
/// library's own (1.10.8) do not notice a chunk that inflates to less than its size: what the memory held
/// before would become elements.
class Filters {
 public:
  explicit Filters(hid_t creation, const std::string& where);

  /// Whether there are none but these.
  bool known() const { return known_; }
  /// Undoes them on a chunk as the file stores it, but for those that bit i of `skipped` says it has not
  /// passed. Throws Error, which begins with `where`, unless that leaves exactly `bytes`.
  void undo(std::vector<unsigned char>& chunk, unsigned skipped, std::size_t bytes,
            const std::string& where) const;

 private:
  struct Filter {
    H5Z_filter_t id;
    std::size_t element_bytes;  // of shuffle
  };
  std::vector<Filter> filters_;  // in the order in which they were applied
  bool known_ = true;
};

}  // namespace backlight::hdf5
