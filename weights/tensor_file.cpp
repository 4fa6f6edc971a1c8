#include "weights/tensor_file.h"

#include <set>
#include <stdexcept>

#include "weights/hdf5/writer.h"

namespace backlight {

void write_tensors_h5(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                      const std::map<std::string, Attribute>& attributes) {
  hdf5::Writer writer;
  for (const auto& [name, attribute] : attributes)
    std::visit([&, &key = name](const auto& value) { writer.attribute(key, value); }, attribute);
  std::set<std::string> groups;
  for (const NamedTensor& tensor : tensors)
    if (const std::size_t slash = tensor.name.find('/'); slash != std::string::npos)
      if (const auto [group, is_new] = groups.insert(tensor.name.substr(0, slash)); is_new)
        writer.group(*group);
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
