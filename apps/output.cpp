#include "apps/output.h"

#include <cstdio>

#include "apps/input/picture_list.h"
#include "engine/error.h"
#include "engine/whole_file.h"

namespace backlight {

void write_output(const std::filesystem::path& path, std::string_view bytes) {
  if (path != standard_stream) return write_whole_file(path, bytes);
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size() || std::fflush(stdout) != 0)
    throw Error("standard output cannot be written");
}

}  // namespace backlight
