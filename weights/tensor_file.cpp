#include "weights/tensor_file.h"

#include <stdexcept>

#include "weights/hdf5_writer.h"

namespace backlight {

void write_tensor_h5(const std::filesystem::path& path, const std::string& name, const Shape& shape,
                     std::span<const float> values, const std::map<std::string, std::string>& attributes) {
  if (static_cast<std::int64_t>(values.size()) != shape.elements())
    throw std::logic_error("tensor written with another shape than its own");
  hdf5::Writer writer;
  for (const auto& [key, text] : attributes) writer.attribute(key, text);
  writer.dataset(name, shape, values);
  writer.save(path);
}

}  // namespace backlight
