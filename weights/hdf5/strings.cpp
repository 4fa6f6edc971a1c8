#include "weights/hdf5/strings.h"

#include <unistd.h>

#include <algorithm>

#include "engine/error.h"

namespace backlight::hdf5 {
namespace {

constexpr std::size_t reference_bytes = 16;  // length: 4, address of a collection: 8, index in it: 4
constexpr std::size_t header_bytes = 16;     // of a collection, and of each object in it

/// The number of so many bytes, little-endian, at an offset that the caller has checked.
std::uint64_t number(const std::string& bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

/// A "conversion" from variable-length strings to opaque bytes that leaves the bytes of the file as they are.
extern "C" herr_t keep_references(hid_t, hid_t to, H5T_cdata_t* data, std::size_t, std::size_t, std::size_t,
                                  void*, void*, hid_t) {
  return data->command != H5T_CONV_INIT || H5Tget_size(to) == reference_bytes ? 0 : -1;
}

herr_t register_conversion() {
  const Handle from(H5Tvlen_create(H5T_NATIVE_CHAR), H5Tclose);
  const Handle to(H5Tcreate(H5T_OPAQUE, reference_bytes), H5Tclose);
  return H5Tregister(H5T_PERS_SOFT, "references", from, to, keep_references);
}

std::string read_references(hid_t attribute, std::size_t elements, const std::string& where) {
  static const herr_t registered = register_conversion();  // for the whole program
  checked(registered, where);
  const Handle to(checked(H5Tcreate(H5T_OPAQUE, reference_bytes), where), H5Tclose);
  std::string references(elements * reference_bytes, '\0');
  checked(H5Aread(attribute, to, references.data()), where);
  return references;
}

/// The collections of strings in the file that an attribute belongs to.
class GlobalHeap {
 public:
  GlobalHeap(hid_t attribute, std::string where)
      : where_(std::move(where)), file_(checked(H5Iget_file_id(attribute), where_), H5Fclose) {
    const Handle creation(checked(H5Fget_create_plist(file_), where_), H5Pclose);
    std::size_t address_size = 0, length_size = 0;
    checked(H5Pget_sizes(creation, &address_size, &length_size), where_);
    if (address_size != 8 || length_size != 8) refuse("expected 64-bit addresses");
    checked(H5Pget_userblock(creation, &base_), where_);
    void* handle = nullptr;
    checked(H5Fget_vfd_handle(file_, H5P_DEFAULT, &handle), where_);
    const Handle access(checked(H5Fget_access_plist(file_), where_), H5Pclose);
    if (H5Pget_driver(access) == H5FD_CORE) {
      memory_ = *static_cast<const char* const*>(handle);
      checked(H5Fget_filesize(file_, &memory_bytes_), where_);
    } else {
      descriptor_ = *static_cast<int*>(handle);
    }
  }

  std::string find(std::uint64_t address, std::uint64_t index, std::uint64_t length) {
    if (length == 0) return {};
    if (address != address_) load(address);
    // Each object: index 2, references 2, unused 4, size 8, then the bytes, padded to a multiple of 8. Index
    // 0 is the free space at the end.
    for (std::size_t at = header_bytes; at + header_bytes <= collection_.size();) {
      const std::uint64_t found = number(collection_, at, 2), size = number(collection_, at + 8, 8);
      const std::size_t left = collection_.size() - at - header_bytes;
      if (found == 0 || size > left) break;
      if (found == index && length <= size) {
        const std::string text = collection_.substr(at + header_bytes, length);
        return text.substr(0, text.find('\0'));
      }
      at += header_bytes + std::min<std::size_t>((size + 7) / 8 * 8, left);
    }
    refuse("its text is not in the file");
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error(where_ + ": " + what); }

  void load(std::uint64_t address) {
    // Header: "GCOL", version 1, unused 3, size of the whole collection 8.
    address_ = undefined;
    collection_.resize(header_bytes);
    read(address);
    const std::uint64_t size = number(collection_, 8, 8);
    if (collection_.compare(0, 5, "GCOL\1") != 0 || size < header_bytes || size > bytes_left_)
      refuse("its text is not in the file");
    bytes_left_ -= size;
    collection_.resize(size);
    read(address);
    address_ = address;
  }

  /// Fills collection_ from the file.
  void read(std::uint64_t address) {
    const std::uint64_t most = std::uint64_t{1} << 62, wanted = collection_.size();
    if (address > most || base_ > most) refuse("its text is not in the file");
    const std::uint64_t begin = base_ + address;
    if (memory_ ? begin > memory_bytes_ || wanted > memory_bytes_ - begin
                : ::pread(descriptor_, collection_.data(), wanted, static_cast<off_t>(begin)) !=
                      static_cast<ssize_t>(wanted))
      refuse("its text is not in the file");
    if (memory_) std::copy_n(memory_ + begin, wanted, collection_.data());
  }

  static constexpr std::uint64_t undefined = ~std::uint64_t{0};
  std::string where_;
  Handle file_;
  int descriptor_ = -1;           // of a file on disk
  const char* memory_ = nullptr;  // of one in memory
  hsize_t memory_bytes_ = 0;
  hsize_t base_ = 0;
  std::uint64_t address_ = undefined;  // of the collection that is loaded
  std::string collection_;
  std::uint64_t bytes_left_ = 64 << 20;  // to read for one attribute: far more than any list of names
};

}  // namespace

std::vector<std::string> read_variable_strings(hid_t attribute, std::size_t elements,
                                               const std::string& where) {
  const std::string references = read_references(attribute, elements, where);
  GlobalHeap heap(attribute, where);
  std::vector<std::string> texts;
  for (std::size_t at = 0; at < references.size(); at += reference_bytes)
    texts.push_back(
        heap.find(number(references, at + 4, 8), number(references, at + 12, 4), number(references, at, 4)));
  return texts;
}

}  // namespace backlight::hdf5
