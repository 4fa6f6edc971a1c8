#include "apps/input/picture_list.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "engine/error.h"

namespace backlight {
namespace {

namespace fs = std::filesystem;

bool is_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg" || extension == ".bmp";
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  if (!file || fs::is_directory(path)) throw Error("@" + path + ": the list cannot be read");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::vector<fs::path> listed(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (!entry->path().filename().string().starts_with('.')) paths.push_back(entry->path());
  if (error) throw Error(folder.string() + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<fs::path> pictures_in(const fs::path& folder) {
  std::vector<fs::path> paths = listed(folder);
  std::erase_if(paths, [](const fs::path& path) { return !is_picture(path); });
  return paths;
}

PictureList list_pictures(const std::vector<std::string>& given) {
  PictureList list;
  std::error_code none;
  for (const std::string& one : given) {
    const std::size_t before = list.paths.size();
    if (one.starts_with('@') && !fs::exists(one, none)) {
      std::ranges::move(lines_of(one.substr(1)), std::back_inserter(list.paths));
    } else if (fs::is_directory(one, none)) {
      for (const fs::path& path : pictures_in(one)) list.paths.push_back(path.string());
    } else {
      list.paths.push_back(one);
      continue;
    }
    if (list.paths.size() == before) throw Error(one + ": holds no picture (PNG, JPEG or BMP)");
    list.several = true;
  }
  list.several |= list.paths.size() > 1;
  if (list.several && std::ranges::find(list.paths, standard_stream) != list.paths.end())
    throw UsageError("-: standard input is one picture, alone");
  return list;
}

}  // namespace backlight
