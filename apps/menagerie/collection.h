#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "apps/menagerie/menagerie.h"

namespace backlight::menagerie {

/// The file in a folder of pictures that lists them.
constexpr auto list_name = "menagerie.json";

/// Pictures 0 … count - 1 of a world, each with the change.
struct Collection {
  std::uint64_t seed = 1;
  std::size_t count = 1;
  std::optional<Change> change;
  int threads = 1;
};

/// left, top, right, bottom in pixels, the last two one beyond: the smallest box around what is at least half
/// animal; null where nothing is.
nlohmann::json box(const Picture& picture);

/// The picture's parts, each in a colour of its own and the head in grey, over what else there is, darkened.
Image part_map(const Picture& picture);

/// Writes the folder: pictures/ANIMAL/INDEX.png and, `with_masks`, masks/INDEX-animal.png and
/// masks/INDEX-PART.png. Returns what stands in its menagerie.json: the world, the change, and of each
/// picture its class, files and box. Throws Error where there is such a file already.
nlohmann::json write_folder(const Collection& collection, const std::filesystem::path& folder,
                            bool with_masks);

/// Writes one HDF5 file: `images` uint8 N,3,128,128; `labels` int64 N; `animal_masks` uint8 N,128,128;
/// `part_masks` uint8 N,6,128,128; attributes `classes`, `parts`, `seed` and `change`.
void write_hdf5(const Collection& collection, const std::filesystem::path& path);

/// Writes a contact sheet of the first 50 pictures, five in a row; `with_masks`, each above its part map.
void write_sheet(const Collection& collection, const std::filesystem::path& path, bool with_masks);

}  // namespace backlight::menagerie
