#include "weights/hdf5/file.h"

#include <algorithm>

#include "engine/error.h"
#include "weights/hdf5/open_file.h"
#include "weights/text.h"

namespace backlight::hdf5 {

Group open_file(const std::filesystem::path& path) { return Group(std::make_shared<const OpenFile>(path)); }

Group open_image(std::span<const std::byte> image, const std::string& name) {
  return Group(std::make_shared<const OpenFile>(image, name));
}

Group::Group(std::shared_ptr<const OpenFile> file)
    : file_(std::move(file)), object_(&file_->contents().objects.front()) {}

std::string Group::where() const {
  return object_->path.empty() ? file_->name() : file_->name() + ": group '" + printable(object_->path) + "'";
}

std::vector<std::string> Group::names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : std::get<Object::Members>(object_->what)) names.push_back(name);
  return names;
}

bool Group::contains(const std::string& name) const {
  return std::get<Object::Members>(object_->what).contains(name);
}

const Object& Group::member(const std::string& name) const {
  const auto& members = std::get<Object::Members>(object_->what);
  const auto found = members.find(name);
  if (found == members.end()) {
    const std::string path = object_->path.empty() ? name : object_->path + "/" + name;
    throw Error(file_->name() + ": there is no '" + printable(path) + "'");
  }
  const Object& object = file_->contents().objects[found->second];
  if (!object.error.empty()) throw Error(object.error);
  return object;
}

bool Group::is_group(const std::string& name) const { return member(name).is_group(); }

Group Group::group(const std::string& name) const {
  const Object& object = member(name);
  if (!object.is_group())
    throw Error(file_->name() + ": '" + printable(object.path) + "': expected a group, found a dataset");
  return Group(file_, object);
}

Dataset Group::dataset(const std::string& name) const {
  const Object& object = member(name);
  std::string where = file_->name() + ": dataset '" + printable(object.path) + "'";
  if (!std::holds_alternative<DatasetInfo>(object.what)) throw Error(where + ": is not a dataset");
  return Dataset(file_, object, std::move(where));
}

bool Group::has_attribute(const std::string& name) const { return object_->attributes.contains(name); }

/// Throws Error where the attribute holds other values than T.
template <class T>
std::vector<T> Group::values(const std::string& name, const std::string& expected) const {
  const std::string where = this->where() + ": attribute '" + name + "'";
  const auto found = object_->attributes.find(name);
  if (found == object_->attributes.end()) throw Error(where + " is missing");
  const Attribute& attribute = found->second;
  if (!attribute.error.empty()) throw Error(attribute.error);
  const auto* values = std::get_if<std::vector<T>>(&attribute.values);
  if (!values) throw Error(where + ": expected " + expected + ", found " + attribute.type);
  return *values;
}

std::vector<std::string> Group::texts(const std::string& name) const {
  return values<std::string>(name, "strings");
}

std::string Group::text(const std::string& name) const {
  std::vector<std::string> all = texts(name);
  if (all.size() != 1)
    throw Error(where() + ": attribute '" + name + "': expected one string, found " +
                std::to_string(all.size()));
  return std::move(all.front());
}

namespace {

template <class T>
void expect_count(const std::vector<T>& values, std::size_t count, const std::string& where,
                  const std::string& expected) {
  if (values.size() != count)
    throw Error(where + ": expected " + expected + ", found " + std::to_string(values.size()) + " elements");
}

}  // namespace

std::int64_t Group::integer(const std::string& name) const {
  const auto found = values<std::int64_t>(name, "one integer");
  expect_count(found, 1, where() + ": attribute '" + name + "'", "one integer");
  return found.front();
}

double Group::number(const std::string& name) const {
  const auto found = values<double>(name, "one floating-point number");
  expect_count(found, 1, where() + ": attribute '" + name + "'", "one floating-point number");
  return found.front();
}

std::array<double, 3> Group::triple(const std::string& name) const {
  const auto found = values<double>(name, "three floating-point numbers");
  expect_count(found, 3, where() + ": attribute '" + name + "'", "three floating-point numbers");
  return {found[0], found[1], found[2]};
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
