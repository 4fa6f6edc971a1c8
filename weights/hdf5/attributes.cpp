#include <algorithm>

#include "engine/error.h"
#include "weights/hdf5/strings.h"
#include "weights/hdf5/survey.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

/// More than any list of class names: an attribute of more elements is none of a network's.
constexpr hssize_t most_elements = hssize_t{1} << 20;

/// An opened attribute. Its elements have been found to fit into the file.
struct Opened {
  std::string where;
  Handle object, type;
  std::size_t elements;
};

Opened open_attribute(hid_t group, const std::string& name, const std::string& where) {
  Handle object(checked(H5Aopen(group, name.c_str(), H5P_DEFAULT), where), H5Aclose);
  Handle type(checked(H5Aget_type(object), where), H5Tclose);
  const Handle space(checked(H5Aget_space(object), where), H5Sclose);
  const hssize_t elements = checked(H5Sget_simple_extent_npoints(space), where);

  const Handle file(checked(H5Iget_file_id(group), where), H5Fclose);
  hsize_t file_bytes = 0;
  checked(H5Fget_filesize(file, &file_bytes), where);
  if (elements > most_elements ||
      (elements > 0 && H5Tget_size(type) > file_bytes / static_cast<hsize_t>(elements)))
    throw Error(where + ": declares more than the file holds");
  return {where, std::move(object), std::move(type), static_cast<std::size_t>(elements)};
}

std::vector<std::string> read_fixed(const Opened& attribute) {
  const std::size_t size = H5Tget_size(attribute.type);
  std::vector<char> letters(attribute.elements * size);
  checked(H5Aread(attribute.object, attribute.type, letters.data()), attribute.where);
  const bool padded = H5Tget_strpad(attribute.type) == H5T_STR_SPACEPAD;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < attribute.elements; ++i) {
    std::string text(&letters[i * size], size);
    text.resize(std::min(text.find('\0'), size));
    while (padded && text.ends_with(' ')) text.pop_back();
    texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<std::string> read_texts(const Opened& attribute) {
  if (attribute.elements == 0) return {};
  const bool variable = checked(H5Tis_variable_str(attribute.type), attribute.where) > 0;
  std::vector<std::string> texts =
      variable ? read_variable_strings(attribute.object, attribute.elements, attribute.where)
               : read_fixed(attribute);
  for (const std::string& text : texts)
    if (!is_text(text)) throw Error(attribute.where + ": is not UTF-8 text");
  return texts;
}

template <class T>
std::vector<T> read_numbers(const Opened& attribute, hid_t memory_type) {
  std::vector<T> numbers(attribute.elements);
  if (!numbers.empty()) checked(H5Aread(attribute.object, memory_type, numbers.data()), attribute.where);
  return numbers;
}

Attribute read_attribute(hid_t group, const std::string& name, const std::string& where) {
  Attribute read;
  try {
    const Opened attribute = open_attribute(group, name, where);
    read.type = describe_type(attribute.type);
    switch (H5Tget_class(attribute.type)) {
      case H5T_STRING:
        read.values = read_texts(attribute);
        break;
      case H5T_INTEGER:
        read.values = read_numbers<std::int64_t>(attribute, H5T_NATIVE_INT64);
        break;
      case H5T_FLOAT:
        read.values = read_numbers<double>(attribute, H5T_NATIVE_DOUBLE);
        break;
      default:
        break;
    }
  } catch (const Error& error) {
    read.error = error.what();
  }
  return read;
}

extern "C" herr_t collect_attribute(hid_t, const char* name, const H5A_info_t*, void* names_of_caller) {
  try {
    constexpr std::size_t most_names = 1'000;
    auto& names = *static_cast<std::vector<std::string>*>(names_of_caller);
    names.emplace_back(name);
    return names.size() < most_names ? 0 : -1;
  } catch (...) {  // an exception must not pass through C
    return -1;
  }
}

}  // namespace

std::map<std::string, Attribute> read_attributes(hid_t group, const std::string& where) {
  std::vector<std::string> names;
  hsize_t first = 0;
  checked(H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_INC, &first, collect_attribute, &names), where);
  std::map<std::string, Attribute> attributes;
  for (const std::string& name : names)
    attributes[name] = read_attribute(group, name, where + ": attribute '" + printable(name) + "'");
  return attributes;
}

}  // namespace backlight::hdf5
