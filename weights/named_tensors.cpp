#include "weights/named_tensors.h"

#include <set>

#include "engine/error.h"
#include "weights/finite.h"
#include "weights/text.h"

namespace backlight {
namespace {

/// " (and 3 more)" where the one that is named is the first of four.
std::string others_than_first(std::size_t all) {
  return all > 1 ? " (and " + std::to_string(all - 1) + " more)" : std::string();
}

void check_manifest(const hdf5::Group& root, const std::vector<ExpectedTensor>& expected,
                    const std::vector<std::string>& others) {
  const std::vector<std::string> names = root.names();
  std::set<std::string> found(names.begin(), names.end());
  for (const std::string& name : others) found.erase(name);
  std::string first_missing;
  std::size_t missing = 0;
  for (const auto& [name, shape] : expected) {
    if (found.erase(name) == 0) {
      if (missing++ == 0) first_missing = name;
      continue;
    }
    const hdf5::Dataset dataset = root.dataset(name);
    if (!(dataset.shape() == shape))
      throw Error(dataset.where() + ": expected shape " + to_string(shape) + ", found " +
                  to_string(dataset.shape()));
  }
  if (missing > 0)
    throw Error(root.where() + ": dataset '" + first_missing + "' is missing" + others_than_first(missing));
  if (!found.empty())
    throw Error(root.where() + ": dataset '" + printable(*found.begin()) + "' is none of the network's" +
                others_than_first(found.size()));
}

}  // namespace

Parameters tensors_of(const std::shared_ptr<const hdf5::Group>& root,
                      const std::vector<ExpectedTensor>& expected, Precision precision, Device device,
                      Elements elements, const std::vector<std::string>& others) {
  check_manifest(*root, expected, others);
  Parameters tensors(precision, device);
  for (const auto& [name, shape] : expected) {
    if (const hdf5::Dataset dataset = root->dataset(name);
        elements == Elements::exact && dataset.element() != hdf5::element_for(precision))
      throw Error(dataset.where() + ": expected " + std::string(to_string(precision)) + " elements, found " +
                  to_string(dataset.element()));
    tensors.add(name, shape, [root, name = name](const Tensor& tensor) {
      with_elements(tensor, [&](auto into) {
        const hdf5::Dataset source = root->dataset(name);
        source.read(into);
        expect_finite(into, source.where());
      });
    });
  }
  return tensors;
}

void write_tensor(hdf5::Writer& writer, const std::string& name, const Tensor& tensor,
                  const std::string& where) {
  with_elements(tensor, [&](auto elements) {
    expect_finite(elements, where + ": dataset '" + name + "'");
    writer.dataset(name, tensor.shape, elements);
  });
}

}  // namespace backlight
