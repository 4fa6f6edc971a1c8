#include <algorithm>

#include "engine/error.h"
#include "weights/hdf5_strings.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

/// An opened attribute. Its elements have been found to fit into the file.
struct Attribute {
  std::string where;
  Handle object, type, space;
  std::size_t elements;
};

Attribute open_attribute(hid_t group, const std::string& name, const std::string& where_group) {
  const std::string where = where_group + ": attribute '" + name + "'";
  const htri_t exists = checked(H5Aexists(group, name.c_str()), where);
  if (!exists) throw Error(where + " is missing");
  Handle object(checked(H5Aopen(group, name.c_str(), H5P_DEFAULT), where), H5Aclose);
  Handle type(checked(H5Aget_type(object), where), H5Tclose);
  Handle space(checked(H5Aget_space(object), where), H5Sclose);
  const auto elements = static_cast<std::size_t>(checked(H5Sget_simple_extent_npoints(space), where));

  const Handle file(checked(H5Iget_file_id(group), where), H5Fclose);
  hsize_t file_bytes = 0;
  checked(H5Fget_filesize(file, &file_bytes), where);
  if (elements > 0 && H5Tget_size(type) > file_bytes / elements)
    throw Error(where + ": declares more than the file holds");
  return {where, std::move(object), std::move(type), std::move(space), elements};
}

void expect(const Attribute& attribute, H5T_class_t type_class, const char* expected, std::size_t elements) {
  if (H5Tget_class(attribute.type) != type_class)
    throw Error(attribute.where + ": expected " + expected + ", found " + describe_type(attribute.type));
  if (attribute.elements != elements)
    throw Error(attribute.where + ": expected " + expected + ", found " + std::to_string(attribute.elements) +
                " elements");
}

std::vector<std::string> read_fixed(const Attribute& attribute) {
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

}  // namespace

bool Group::has_attribute(const std::string& name) const {
  const Quiet quiet;
  return checked(H5Aexists(object_, name.c_str()), where()) > 0;
}

std::vector<std::string> Group::texts(const std::string& name) const {
  const Quiet quiet;
  const Attribute attribute = open_attribute(object_, name, where());
  expect(attribute, H5T_STRING, "strings", attribute.elements);
  if (attribute.elements == 0) return {};
  const bool variable = checked(H5Tis_variable_str(attribute.type), attribute.where) > 0;
  std::vector<std::string> texts =
      variable ? read_variable_strings(attribute.object, attribute.elements, attribute.where)
               : read_fixed(attribute);
  for (const std::string& text : texts)
    if (!is_text(text)) throw Error(attribute.where + ": is not UTF-8 text");
  return texts;
}

std::string Group::text(const std::string& name) const {
  std::vector<std::string> all = texts(name);
  if (all.size() != 1)
    throw Error(where() + ": attribute '" + name + "': expected one string, found " +
                std::to_string(all.size()));
  return std::move(all.front());
}

std::int64_t Group::integer(const std::string& name) const {
  const Quiet quiet;
  const Attribute attribute = open_attribute(object_, name, where());
  expect(attribute, H5T_INTEGER, "one integer", 1);
  std::int64_t value = 0;
  checked(H5Aread(attribute.object, H5T_NATIVE_INT64, &value), attribute.where);
  return value;
}

double Group::number(const std::string& name) const {
  const Quiet quiet;
  const Attribute attribute = open_attribute(object_, name, where());
  expect(attribute, H5T_FLOAT, "one floating-point number", 1);
  double value = 0;
  checked(H5Aread(attribute.object, H5T_NATIVE_DOUBLE, &value), attribute.where);
  return value;
}

std::array<double, 3> Group::triple(const std::string& name) const {
  const Quiet quiet;
  const Attribute attribute = open_attribute(object_, name, where());
  std::array<double, 3> values{};
  expect(attribute, H5T_FLOAT, "three floating-point numbers", values.size());
  checked(H5Aread(attribute.object, H5T_NATIVE_DOUBLE, values.data()), attribute.where);
  return values;
}

void Group::expect_format(const std::string& format, std::int64_t version) const {
  if (!has_attribute("format"))
    throw Error(where() + ": expected an HDF5 file of the format '" + format + "', found none named in it");
  if (const std::string found = text("format"); found != format)
    throw Error(where() + ": expected the format '" + format + "', found '" + found + "'");
  if (const std::int64_t found = integer("version"); found != version)
    throw Error(where() + ": is version " + std::to_string(found) + " of the format '" + format +
                "', but only version " + std::to_string(version) + " can be read");
}

}  // namespace backlight::hdf5
