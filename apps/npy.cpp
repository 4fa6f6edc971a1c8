#include "apps/npy.h"

#include <bit>
#include <string>

#include "apps/output.h"

namespace backlight {

void write_npy(const std::filesystem::path& path, const std::vector<std::int64_t>& shape,
               const float* values) {
  static_assert(std::endian::native == std::endian::little, "the header below promises little-endian floats");
  std::string sizes;
  std::size_t count = 1;
  for (const std::int64_t size : shape) {
    sizes += (sizes.empty() ? "" : " ") + std::to_string(size) + ",";
    count *= std::size_t(size);
  }
  if (shape.size() > 1) sizes.pop_back();  // Python writes (2, 3) but (2,)
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + sizes + "), }";

  // Magic, version and the header's length take 10 bytes; spaces and a newline fill up to a multiple of 64.
  header.append(63 - (10 + header.size()) % 64, ' ').push_back('\n');
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += {char(header.size() & 0xFF), char(header.size() >> 8)};
  bytes += header;
  bytes.append(reinterpret_cast<const char*>(values), count * sizeof(float));
  write_output(path, bytes);
}

}  // namespace backlight
