#include "apps/tuning_cache.h"

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "apps/formatted.h"
#include "apps/profile/profile.h"
#include "engine/error.h"
#include "engine/kernel_choice.h"
#include "engine/whole_file.h"
#include "kernels/instruction_set.h"

namespace backlight {
namespace {

/// Only what may stand in a file name.
std::string key() {
  std::string text = "kernels-" BACKLIGHT_VERSION "-" + instruction_set() + "-" + processor_name();
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.') c = '-';
  return text;
}

/// Throws Error where a line is not what save() writes.
void load(std::istream& file, Tuning& tuning) {
  const auto kernels = implementations(Device::cpu);
  std::map<std::string, std::string> found;
  std::string line;
  if (!std::getline(file, line) || line != key()) throw Error("line 1: not '" + key() + "'");
  for (int number = 2; std::getline(file, line); ++number) {
    const std::size_t tab = line.find('\t');
    const std::string kernel = line.substr(0, tab), what = tab == line.npos ? "" : line.substr(tab + 1);
    const std::size_t begin = what.starts_with("strict ") ? 7 : 0;
    const auto contract = kernels.find(what.substr(begin, what.find(' ', begin) - begin));
    if (contract == kernels.end() || std::ranges::find(contract->second, kernel) == contract->second.end())
      throw Error("line " + std::to_string(number) + ": no kernel and its convolution");
    found[what] = kernel;
  }
  tuning.known().merge(found);
}

void note(const std::string& text) { std::cerr << "backlight: --tune: " << text << "\n"; }

void save(const Tuning& tuning) {
  const std::filesystem::path path = tuning_file();
  const std::string what =
      formatted("measured %d convolutions in %.1f s", tuning.measured(), tuning.seconds());
  if (path.empty()) return note(what + "; there is no home folder to remember them in");
  std::string text = key() + "\n";
  for (const auto& [convolution, kernel] : tuning.known()) text += kernel + "\t" + convolution + "\n";
  try {
    std::filesystem::create_directories(path.parent_path());
    write_whole_file(path, text, Synced::no);
    note(what + ", remembered in " + path.string());
  } catch (const std::exception& error) {
    note(what + ", not remembered: " + error.what());
  }
}

}  // namespace

std::filesystem::path tuning_file() {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  std::filesystem::path folder = cache ? cache : "";
  if (!folder.is_absolute() && home && *home) folder = std::filesystem::path(home) / ".cache";
  return folder.is_absolute() ? folder / "backlight" / (key() + ".txt") : std::filesystem::path();
}

std::shared_ptr<Tuning> remembered_tuning() {
  std::shared_ptr<Tuning> tuning(new Tuning, [](Tuning* used) {
    if (used->measured() > 0) save(*used);
    delete used;
  });
  const std::filesystem::path path = tuning_file();
  if (std::ifstream file(path); file) try {
      load(file, *tuning);
    } catch (const Error& error) {
      note(path.string() + ": damaged, and left out: " + error.what());
    }
  return tuning;
}

}  // namespace backlight
