#include "weights/hdf5/filters.h"

#include <zlib.h>

#include <array>
#include <cstdint>

#include "engine/error.h"

namespace backlight::hdf5 {
namespace {

using Bytes = std::vector<unsigned char>;

/// What zlib makes of the chunk, which is `bytes` and perhaps a checksum.
Bytes inflated(const Bytes& chunk, std::size_t bytes, const std::string& where) {
  constexpr std::size_t most = std::size_t{1} << 31;  // zlib counts in 32 bits
  Bytes to(bytes + 4);
  z_stream stream{};
  if (chunk.size() >= most || to.size() >= most || inflateInit(&stream) != Z_OK)
    throw Error(where + ": its chunks are too large");
  stream.next_in = const_cast<Bytef*>(chunk.data());
  stream.avail_in = static_cast<uInt>(chunk.size());
  stream.next_out = to.data();
  stream.avail_out = static_cast<uInt>(to.size());
  const int result = inflate(&stream, Z_FINISH);
  to.resize(stream.total_out);
  inflateEnd(&stream);
  if (result != Z_STREAM_END) throw Error(where + ": a chunk cannot be inflated");
  return to;
}

/// Shuffle keeps the first bytes of all elements together, then the second ones, and so on; what is left over
/// at the end stays as it is.
Bytes unshuffled(const Bytes& chunk, std::size_t element_bytes) {
  const std::size_t elements = chunk.size() / element_bytes;
  Bytes to = chunk;
  for (std::size_t byte = 0; byte < element_bytes; ++byte)
    for (std::size_t i = 0; i < elements; ++i) to[i * element_bytes + byte] = chunk[byte * elements + i];
  return to;
}

/// Fletcher's checksum of 16-bit words, as the library takes it: the first byte of a word counts as the
/// upper.
std::uint32_t fletcher32(const unsigned char* bytes, std::size_t count) {
  std::uint64_t sum1 = 0, sum2 = 0;
  for (std::size_t i = 0; i < count; i += 2) {
    sum1 = (sum1 + static_cast<std::uint64_t>(bytes[i] << 8 | (i + 1 < count ? bytes[i + 1] : 0))) % 65535;
    sum2 = (sum2 + sum1) % 65535;
  }
  return static_cast<std::uint32_t>(sum2 << 16 | sum1);
}

/// Ones' complement has two zeros.
bool same_sum(std::uint32_t a, std::uint32_t b) {
  return a % 65536 % 65535 == b % 65536 % 65535 && a / 65536 % 65535 == b / 65536 % 65535;
}

void check_sum(Bytes& chunk, const std::string& where) {
  if (chunk.size() < 4) throw Error(where + ": a chunk has no checksum");
  const std::size_t count = chunk.size() - 4;
  std::uint32_t stored = 0;
  for (std::size_t i = 4; i-- > 0;) stored = stored << 8 | chunk[count + i];
  if (!same_sum(stored, fletcher32(chunk.data(), count)))
    throw Error(where + ": the checksum of a chunk does not match its data");
  chunk.resize(count);
}

}  // namespace

Filters::Filters(hid_t creation, const std::string& where) {
  const int count = checked(H5Pget_nfilters(creation), where);
  for (int i = 0; i < count; ++i) {
    std::array<unsigned, 8> values{};
    std::size_t given = values.size();
    const H5Z_filter_t id = checked(H5Pget_filter2(creation, static_cast<unsigned>(i), nullptr, &given,
                                                   values.data(), 0, nullptr, nullptr),
                                    where);
    known_ &= id == H5Z_FILTER_DEFLATE || id == H5Z_FILTER_FLETCHER32 ||
              (id == H5Z_FILTER_SHUFFLE && given > 0 && values[0] > 0);
    filters_.push_back({id, values[0]});
  }
}

void Filters::undo(Bytes& chunk, unsigned skipped, std::size_t bytes, const std::string& where) const {
  for (std::size_t i = filters_.size(); i-- > 0;) {
    if (i < 32 && (skipped >> i & 1) != 0) continue;
    switch (filters_[i].id) {
      case H5Z_FILTER_DEFLATE:
        chunk = inflated(chunk, bytes, where);
        break;
      case H5Z_FILTER_SHUFFLE:
        chunk = unshuffled(chunk, filters_[i].element_bytes);
        break;
      default:
        check_sum(chunk, where);
        break;
    }
  }
  if (chunk.size() != bytes)
    throw Error(where + ": a chunk holds " + std::to_string(chunk.size()) + " bytes, expected " +
                std::to_string(bytes));
}

}  // namespace backlight::hdf5
