#include "weights/tensor_file.h"

#include <stdexcept>

#include "weights/hdf5/writer.h"

namespace backlight {

void write_tensors_h5(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const std::map<std::string, Attribute>& attributes) {
  hdf5::Writer writer;
  for (const auto& [name, attribute] : attributes)
    std::visit([&, &key = name](const auto& value) { writer.attribute(key, value); }, attribute);
  for (const auto& [name, shape, tensor] : tensors)
    std::visit(
        [&, &key = name, &extents = shape](const auto& values) {
          if (static_cast<std::int64_t>(values.size()) != extents.elements())
            throw std::logic_error("tensor written with another shape than its own");
          writer.dataset(key, extents, values);
        },
        tensor);
  writer.save(path);
}

void write_tensor_h5(const std::filesystem::path& path, const std::string& name, const Shape& shape,
                     std::span<const float> values, const std::map<std::string, std::string>& attributes) {
  write_tensors_h5(path, {{name, shape, values}}, {attributes.begin(), attributes.end()});
}

}  // namespace backlight
