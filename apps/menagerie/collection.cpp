#include "apps/menagerie/collection.h"

#include <algorithm>
#include <cstdio>

#include "apps/drawing/label.h"
#include "apps/drawing/sheet.h"
#include "engine/error.h"
#include "engine/parallel.h"
#include "engine/whole_file.h"
#include "weights/tensor_file.h"

namespace backlight::menagerie {
namespace {

namespace fs = std::filesystem;

std::string class_name(const Picture& picture) {
  return std::string(animal_names[static_cast<std::size_t>(picture.animal)]);
}

Image grey(const std::vector<std::uint8_t>& mask) {
  Image image(side, side);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = mask[i / 3];
  return image;
}

void make_folder(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) throw Error(folder.string() + ": the folder cannot be made: " + failure.message());
}

/// "ears=rabbit", "without ears", or nothing: as the command line has it.
std::string describe(const std::optional<Change>& change) {
  if (!change) return "";
  const std::string part(part_names[static_cast<std::size_t>(change->part)]);
  return change->as ? part + "=" + std::string(animal_names[static_cast<std::size_t>(*change->as)])
                    : "without " + part;
}

std::vector<std::string> texts(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

}  // namespace

nlohmann::json box(const Picture& picture) {
  int left = side, top = side, right = 0, bottom = 0;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      if (picture.animal_mask[static_cast<std::size_t>(y * side + x)] >= 128) {
        left = std::min(left, x);
        right = std::max(right, x + 1);
        top = std::min(top, y);
        bottom = std::max(bottom, y + 1);
      }
  if (right == 0) return nullptr;
  return {left, top, right, bottom};
}

Image part_map(const Picture& picture) {
  // The eight colours of Okabe & Ito 2008, which colour-blind people can tell apart, without black and
  // orange.
  constexpr std::array<std::array<int, 3>, part_names.size()> colours{
      {{230, 159, 0}, {86, 180, 233}, {240, 228, 66}, {213, 94, 0}, {0, 158, 115}, {204, 121, 167}}};
  Image image(side, side);
  for (std::size_t i = 0; i < picture.animal_mask.size(); ++i)
    for (std::size_t c = 0; c < 3; ++c) {
      int head = picture.animal_mask[i], sum = (255 - head) * picture.image.pixels[3 * i + c] / 3;
      for (std::size_t part = 0; part < colours.size(); ++part) {
        sum += picture.part_masks[part][i] * colours[part][c];
        head -= picture.part_masks[part][i];
      }
      image.pixels[3 * i + c] = static_cast<std::uint8_t>((sum + head * 170) / 255);
    }
  return image;
}

nlohmann::json write_folder(const Collection& collection, const fs::path& folder, bool with_masks) {
  if (fs::exists(folder / list_name))
    throw Error(folder.string() + ": holds a Menagerie already, and worlds do not mix; take another folder");
  make_folder(folder);
  const FolderLock lock(folder);
  if (fs::exists(folder / list_name))
    throw Error(folder.string() + ": another command wrote a Menagerie here");
  for (const std::string_view name : animal_names) make_folder(folder / "pictures" / name);
  if (with_masks) make_folder(folder / "masks");
  std::vector<nlohmann::json> entries(collection.count);
  for_each_in_parallel(collection.count, collection.threads, [&](std::size_t index) {
    const Picture picture = render(collection.seed, index, collection.change);
    std::array<char, 24> number;
    std::snprintf(number.data(), number.size(), "%06zu", index);
    const auto write = [&](const fs::path& path, const Image& image) {
      write_whole_file(folder / path, encode_png(image), Synced::no);  // all together, below
      return path.generic_string();
    };
    nlohmann::json& entry = entries[index];
    entry = {{"index", index}, {"class", class_name(picture)}, {"box", box(picture)}};
    entry["picture"] = write(
        fs::path("pictures") / class_name(picture) / (std::string(number.data()) + ".png"), picture.image);
    if (!with_masks) return;
    const auto write_mask = [&](std::string_view name, const std::vector<std::uint8_t>& mask) {
      entry["masks"][std::string(name)] = write(
          fs::path("masks") / (std::string(number.data()) + "-" + std::string(name) + ".png"), grey(mask));
    };
    write_mask("animal", picture.animal_mask);
    for (std::size_t part = 0; part < part_names.size(); ++part)
      write_mask(part_names[part], picture.part_masks[part]);
  });
  const nlohmann::json list{{"seed", collection.seed},
                            {"change", describe(collection.change)},
                            {"classes", texts(animal_names)},
                            {"parts", texts(part_names)},
                            {"pictures", std::move(entries)}};
  lock.sync();
  write_whole_file(folder / list_name, list.dump(1) + "\n");
  return list;
}

void write_hdf5(const Collection& collection, const fs::path& path) {
  constexpr std::size_t pixels = std::size_t(side) * side, parts = part_names.size();
  std::vector<std::uint8_t> images(collection.count * 3 * pixels), animals(collection.count * pixels),
      part_masks(collection.count * parts * pixels);
  std::vector<std::int64_t> labels(collection.count);
  for_each_in_parallel(collection.count, collection.threads, [&](std::size_t index) {
    const Picture picture = render(collection.seed, index, collection.change);
    labels[index] = static_cast<int>(picture.animal);
    for (std::size_t i = 0; i < 3 * pixels; ++i)
      images[3 * pixels * index + i % 3 * pixels + i / 3] = picture.image.pixels[i];
    std::ranges::copy(picture.animal_mask, &animals[pixels * index]);
    for (std::size_t part = 0; part < parts; ++part)
      std::ranges::copy(picture.part_masks[part], &part_masks[pixels * (parts * index + part)]);
  });
  const auto n = static_cast<std::int64_t>(collection.count);
  write_tensors_h5(path,
                   {{"images", {n, 3, side, side}, std::span<const std::uint8_t>(images)},
                    {"labels", {n}, std::span<const std::int64_t>(labels)},
                    {"animal_masks", {n, side, side}, std::span<const std::uint8_t>(animals)},
                    {"part_masks",
                     {n, static_cast<std::int64_t>(parts), side, side},
                     std::span<const std::uint8_t>(part_masks)}},
                   {{"classes", texts(animal_names)},
                    {"parts", texts(part_names)},
                    {"seed", static_cast<std::int64_t>(collection.seed)},
                    {"change", describe(collection.change)}});
}

void write_sheet(const Collection& collection, const fs::path& path, bool with_masks) {
  constexpr std::size_t most = 50, columns = animal_names.size();
  std::vector<Image> cells(std::min(collection.count, most));
  for_each_in_parallel(cells.size(), collection.threads, [&](std::size_t index) {
    const Picture picture = render(collection.seed, index, collection.change);
    std::vector<std::vector<Image>> cell{{enlarge(picture.image, 2)}};
    if (with_masks) cell.push_back({enlarge(part_map(picture), 2)});
    cells[index] = label(montage(cell, 0), class_name(picture));
  });
  std::vector<std::vector<Image>> rows;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i % columns == 0) rows.emplace_back();
    rows.back().push_back(std::move(cells[i]));
  }
  write_png(path, montage(rows));
}

}  // namespace backlight::menagerie
