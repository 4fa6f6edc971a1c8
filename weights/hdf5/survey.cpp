#include "weights/hdf5/survey.h"

#include "engine/error.h"
#include "weights/text.h"

namespace backlight::hdf5 {
namespace {

/// Far more than any network has tensors, and deeper than any file of one: a damaged file may lead the
/// library round in circles.
constexpr std::size_t most_objects = 100'000;
constexpr int most_levels = 16;

extern "C" herr_t collect_name(hid_t, const char* name, const H5L_info_t*, void* names_of_caller) {
  try {
    auto& names = *static_cast<std::vector<std::string>*>(names_of_caller);
    names.emplace_back(name);
    return names.size() < most_objects ? 0 : -1;
  } catch (...) {  // an exception must not pass through C
    return -1;
  }
}

std::vector<std::string> names_in(hid_t group, const std::string& where) {
  std::vector<std::string> names;
  checked(H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect_name, &names), where);
  return names;
}

/// Throws Error where the name is a link elsewhere (soft, external) or one of two names of the same object.
Handle open(hid_t group, const std::string& name, const std::string& where) {
  H5L_info_t link;
  checked(H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT), where);
  if (link.type != H5L_TYPE_HARD)
    throw Error(where + ": expected data in the file itself, found a soft or external link");
  Handle object(checked(H5Oopen(group, name.c_str(), H5P_DEFAULT), where), H5Oclose);
  H5O_info_t info;
  checked(H5Oget_info(object, &info), where);
  if (info.rc != 1) throw Error(where + ": the same object has several names");
  return object;
}

class Survey {
 public:
  Survey(hid_t root, const std::string& file) : file_(file) {
    contents.objects.push_back({.name = "", .path = ""});
    add_group(root, 0, 0);
  }

  Contents contents;

 private:
  /// `place`: of the group in the contents.
  void add_group(hid_t group, std::uint32_t place, int level) {
    const std::string path = contents.objects[place].path;
    const std::string where = path.empty() ? file_ : file_ + ": group '" + printable(path) + "'";
    Object::Members members;
    for (const std::string& name : names_in(group, where)) {
      if (contents.objects.size() >= most_objects)
        throw Error(file_ + ": holds more than " + std::to_string(most_objects) + " objects");
      members[name] = add(group, path.empty() ? name : path + "/" + name, name, level);
    }
    contents.objects[place].attributes = read_attributes(group, where);
    contents.objects[place].what = std::move(members);
  }

  std::uint32_t add(hid_t group, const std::string& path, const std::string& name, int level) {
    const auto place = static_cast<std::uint32_t>(contents.objects.size());
    contents.objects.push_back({.name = name, .path = path});
    const std::string named = "'" + printable(path) + "'";
    try {
      const Handle object = open(group, name, file_ + ": " + named);
      const H5I_type_t type = H5Iget_type(object);
      if (type == H5I_DATASET) {
        contents.objects[place].what = inspect_dataset(object, file_ + ": dataset " + named);
      } else if (type == H5I_GROUP) {
        if (level >= most_levels) throw Error(file_ + ": group " + named + ": lies too deep");
        add_group(object, place, level + 1);
      }
    } catch (const Error& error) {
      contents.objects[place].error = error.what();
    }
    return place;
  }

  const std::string& file_;
};

}  // namespace

Contents survey(hid_t root, const std::string& where) { return Survey(root, where).contents; }

}  // namespace backlight::hdf5
