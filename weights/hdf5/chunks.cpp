#include "weights/hdf5/chunks.h"

#include <algorithm>
#include <array>

#include "engine/error.h"

namespace backlight::hdf5 {
namespace {

using Place = std::array<hsize_t, H5S_MAX_RANK>;

Handle creation_of(hid_t dataset, const std::string& where) {
  return Handle(checked(H5Dget_create_plist(dataset), where), H5Pclose);
}

class Chunks {
 public:
  Chunks(hid_t dataset, Rows rows, hid_t type, const std::string& where)
      : dataset_(dataset),
        where_(where),
        creation_(creation_of(dataset, where)),
        filters_(creation_, where),
        stored_type_(checked(H5Dget_type(dataset), where), H5Tclose),
        type_(type) {
    const Handle space(checked(H5Dget_space(dataset), where), H5Sclose);
    rank_ = static_cast<std::size_t>(checked(H5Sget_simple_extent_dims(space, end_.data(), nullptr), where));
    checked(H5Pget_chunk(creation_, H5S_MAX_RANK, chunk_.data()), where);
    begin_[0] = static_cast<hsize_t>(rows.first);
    end_[0] = begin_[0] + static_cast<hsize_t>(rows.count);
    for (std::size_t axis = 0; axis < rank_; ++axis) elements_ *= chunk_[axis];
  }

  void read(std::span<std::byte> into) const {
    Place at = begin_;  // of a chunk's first element
    for (std::size_t axis = 0; axis < rank_; ++axis) at[axis] = at[axis] / chunk_[axis] * chunk_[axis];
    const Place first = at;
    while (at[0] < end_[0]) {
      const std::vector<unsigned char> bytes = decode(at);
      copy(bytes.data(), at, into.data(), 0);
      std::size_t axis = rank_ - 1;  // that goes on; those after it begin again
      for (at[axis] += chunk_[axis]; axis > 0 && at[axis] >= end_[axis]; at[axis] += chunk_[axis]) {
        at[axis] = first[axis];
        --axis;
      }
    }
  }

 private:
  /// A chunk's elements, as they are in memory.
  std::vector<unsigned char> decode(const Place& at) const {
    hsize_t stored = 0;
    checked(H5Dget_chunk_storage_size(dataset_, at.data(), &stored), where_);
    std::vector<unsigned char> bytes(stored);
    std::uint32_t skipped = 0;
    if (stored > 0) checked(H5Dread_chunk(dataset_, H5P_DEFAULT, at.data(), &skipped, bytes.data()), where_);
    filters_.undo(bytes, skipped, elements_ * H5Tget_size(stored_type_), where_);
    bytes.resize(elements_ * std::max(H5Tget_size(stored_type_), H5Tget_size(type_)));  // in its own place
    checked(H5Tconvert(stored_type_, type_, elements_, bytes.data(), nullptr, H5P_DEFAULT), where_);
    return bytes;
  }

  /// What of a chunk lies within the rows, from `axis` on. `from` and `to`: where the chunk's and the rows'
  /// elements begin that are at one place of all axes before.
  void copy(const unsigned char* from, const Place& at, std::byte* to, std::size_t axis) const {
    const hsize_t begin = std::max(at[axis], begin_[axis]),
                  end = std::min(at[axis] + chunk_[axis], end_[axis]);
    std::size_t from_step = H5Tget_size(type_), to_step = from_step;
    for (std::size_t inner = axis + 1; inner < rank_; ++inner)
      from_step *= chunk_[inner], to_step *= end_[inner] - begin_[inner];
    from += (begin - at[axis]) * from_step;
    to += (begin - begin_[axis]) * to_step;
    if (axis + 1 == rank_) {
      std::copy_n(reinterpret_cast<const std::byte*>(from), (end - begin) * to_step, to);
      return;
    }
    for (hsize_t i = begin; i < end; ++i, from += from_step, to += to_step) copy(from, at, to, axis + 1);
  }

  hid_t dataset_;
  const std::string& where_;
  Handle creation_;
  Filters filters_;
  Handle stored_type_;
  hid_t type_;
  std::size_t rank_ = 0, elements_ = 1;  // elements of a chunk
  Place chunk_{}, begin_{}, end_{};      // its extents; the rows that are read
};

}  // namespace

bool has_known_chunks(hid_t dataset, const std::string& where) {
  const Handle creation = creation_of(dataset, where);
  return H5Pget_layout(creation) == H5D_CHUNKED && Filters(creation, where).known();
}

void read_chunks(hid_t dataset, Rows rows, hid_t type, std::span<std::byte> into, const std::string& where) {
  Chunks(dataset, rows, type, where).read(into);
}

}  // namespace backlight::hdf5
