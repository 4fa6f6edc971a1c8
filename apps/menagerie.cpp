#include <chrono>
#include <cstdio>
#include <iostream>

#include "apps/commands.h"
#include "apps/json_text.h"
#include "apps/menagerie/collection.h"
#include "apps/options.h"
#include "engine/error.h"

namespace backlight {
namespace {

namespace fs = std::filesystem;

struct Options {
  menagerie::Collection collection;
  std::string without, swap, out, sheet;
  int threads = 0;  // 0: one per core
  bool masks = false, json = false;
};

std::optional<menagerie::Change> change_from(const Options& options) {
  using namespace menagerie;
  if (!options.without.empty()) return Change{part_from_name(options.without)};
  if (options.swap.empty()) return {};
  const std::size_t sign = options.swap.find('=');
  if (sign == std::string::npos) throw UsageError("--swap " + options.swap + ": PART=ANIMAL is expected");
  return Change{part_from_name(options.swap.substr(0, sign)),
                animal_from_name(options.swap.substr(sign + 1))};
}

/// Whether OUT is an HDF5 file; throws UsageError where it is neither that nor a folder.
bool is_hdf5(const fs::path& out) {
  if (!out.has_extension() || fs::is_directory(out)) return false;
  if (out.extension() != ".h5")
    throw UsageError("--out " + out.string() + ": a folder or a file that ends in .h5 is expected");
  return true;
}

void run(const Options& options) {
  if (options.out.empty() && options.sheet.empty())
    throw UsageError("menagerie: --out or --sheet is needed, to say where the pictures go");
  if (!options.sheet.empty()) expect_extension("--sheet", options.sheet, {".png"});
  const bool hdf5 = is_hdf5(options.out);
  constexpr std::size_t most = 20000;  // it is put together in memory, 160 KiB for each
  if (hdf5 && options.collection.count > most)
    throw UsageError("--count " + std::to_string(options.collection.count) + ": a file holds at most " +
                     std::to_string(most) + " pictures; give --out a folder");
  menagerie::Collection collection = options.collection;
  collection.change = change_from(options);
  collection.threads = worker_threads(options.threads);

  const auto start = std::chrono::steady_clock::now();
  if (hdf5)
    write_hdf5(collection, options.out);
  else if (!options.out.empty())
    write_folder(collection, options.out, options.masks);
  if (!options.sheet.empty()) write_sheet(collection, options.sheet, options.masks);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  if (options.json) {
    nlohmann::json result{{"count", collection.count}, {"seed", collection.seed}, {"seconds", seconds}};
    if (!options.out.empty()) result["out"] = options.out;
    if (!options.sheet.empty()) result["sheet"] = options.sheet;
    print_json(result);
    return;
  }
  std::string where = options.out;
  if (!options.sheet.empty()) where += (where.empty() ? "" : " and ") + options.sheet;
  std::printf("%zu picture%s of the world %llu -> %s (%.1f s)\n", collection.count,
              collection.count == 1 ? "" : "s", static_cast<unsigned long long>(collection.seed),
              where.c_str(), seconds);
}

}  // namespace

void add_menagerie(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("menagerie", "Draw pictures of five animals, with the truth about their parts");
  command->footer(
      "Pictures of 128x128 pixels: bear, cat, dog, monkey, rabbit and so on in turn. What tells an animal "
      "are its "
      "parts: ears,\nmuzzle, eyes, whiskers, body and tail; all else is drawn at random and does not depend "
      "on it. "
      "The same seed gives\nthe same bytes on every machine.\n\n"
      "A folder gets pictures/ANIMAL/INDEX.png, masks/INDEX-PART.png (with --masks) and menagerie.json, "
      "which lists "
      "them with\nthe animal's box. A file .h5 gets images (uint8 N,3,128,128), labels, animal_masks and "
      "part_masks (uint8 N,6,128,128).\n\n"
      "Examples: backlight menagerie --count 1000 --seed 1 --out animals --masks\n"
      "          backlight menagerie --count 10 --swap ears=rabbit --sheet hares.png");
  command->add_option("--count,-n", options->collection.count, "how many pictures")
      ->check(between(1, 1000000))
      ->default_val(10);
  command->add_option("--seed", options->collection.seed, "of the world that the pictures show")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max()))
      ->capture_default_str();
  command->add_option("--out,-o", options->out, "a folder of PNG files, or one file .h5")
      ->type_name("FOLDER|FILE.h5");
  command
      ->add_option("--sheet", options->sheet,
                   "a contact sheet of the first 50; with --masks, of the parts too")
      ->type_name("SHEET.png");
  command->add_flag("--masks", options->masks,
                    "write masks of the animal and its parts (a .h5 always has them)");
  CLI::Option* without =
      command->add_option("--without", options->without, "leave a part out; all else stays")
          ->type_name("PART");
  command->add_option("--swap", options->swap, "draw a part as another animal has it; all else stays")
      ->type_name("PART=ANIMAL")
      ->excludes(without);
  add_threads_option(*command, options->threads);
  add_json_option(*command, options->json);
  command->callback([options] { run(*options); });
}

}  // namespace backlight
