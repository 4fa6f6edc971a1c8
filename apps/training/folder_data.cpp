#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "apps/image/photo.h"
#include "apps/input/picture_list.h"
#include "apps/menagerie/collection.h"
#include "apps/training/augment.h"
#include "apps/training/data.h"
#include "engine/error.h"
#include "engine/parallel.h"
#include "weights/text.h"

namespace backlight {
namespace {

namespace fs = std::filesystem;

struct Labelled {
  Image image;
  int label;
};

class Folder : public TrainingData {
 public:
  Folder(std::vector<Labelled> pictures, std::uint64_t seed, int size, bool augmented)
      : pictures_(std::move(pictures)), seed_(seed), size_(size), augmented_(augmented) {}

  std::size_t size() const override { return pictures_.size(); }

  Example example(std::size_t epoch, std::size_t place) const override {
    if (!augmented_) return {to_chw(pictures_[place].image), pictures_[place].label};
    const Labelled& picture = pictures_[shuffled(epoch, place)];
    menagerie::Random random(seed_, epoch * size() + place, 1);
    return {augment(picture.image, size_, random), picture.label};
  }

 private:
  /// A permutation of the places that needs no memory of the epoch: a few rounds of a Feistel network over
  /// the next power of four, walked again where it leads outside (Black & Rogaway 2002, "cycle walking").
  std::size_t shuffled(std::size_t epoch, std::size_t place) const {
    unsigned half = 1;
    while (std::size_t{1} << 2 * half < size()) ++half;
    const std::size_t mask = (std::size_t{1} << half) - 1;
    do {
      std::size_t left = place >> half, right = place & mask;
      for (std::uint64_t round = 0; round < 4; ++round) {
        const std::size_t mixed =
            left ^ (menagerie::scramble(menagerie::scramble(seed_ ^ epoch << 8 ^ round) ^ right) & mask);
        left = right;
        right = mixed;
      }
      place = left << half | right;
    } while (place >= size());
    return place;
  }

  std::vector<Labelled> pictures_;
  std::uint64_t seed_;
  int size_;
  bool augmented_;
};

/// FNV-1a (Fowler, Noll & Vo), 64 bits.
class Fingerprint {
 public:
  void add(const std::string& bytes) {
    for (const char c : bytes + '\0') state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  std::string text() const {
    std::ostringstream stream;
    stream << std::hex << state_;
    return stream.str();
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace

DataSplit folder_data(const fs::path& given, std::uint64_t seed, double hold_out, int size, int threads) {
  constexpr double most_bytes = 8.0 * (1 << 30);
  // What `backlight menagerie` writes has its classes one level further down.
  const fs::path folder = fs::exists(given / menagerie::list_name) ? given / "pictures" : given;
  DataSplit split;
  split.resize = (size * 8 + 6) / 7;

  struct File {
    fs::path path;
    int label;
    bool held_out;
  };
  std::vector<File> files;
  Fingerprint fingerprint;
  for (const fs::path& subfolder : listed(folder)) {
    if (!fs::is_directory(subfolder)) continue;
    const std::vector<fs::path> pictures = pictures_in(subfolder);
    if (pictures.size() < 2)
      throw Error(subfolder.string() +
                  ": a class needs at least 2 pictures (PNG, JPEG or BMP), one of them to be held out; "
                  "found " +
                  std::to_string(pictures.size()));
    const std::string name = subfolder.filename().string();
    if (!is_text(name))
      throw Error(printable(subfolder.string()) + ": a class needs a name that is UTF-8 text");
    fingerprint.add(name);
    for (const fs::path& picture : pictures)
      fingerprint.add(picture.filename().string() + ' ' + std::to_string(fs::file_size(picture)));
    const auto count = static_cast<double>(pictures.size());
    const double held = std::clamp(std::round(count * hold_out), 1.0, count - 1);
    // Spread evenly over the names: pictures that were taken one after another are alike.
    for (std::size_t i = 0; i < pictures.size(); ++i)
      files.push_back({pictures[i], static_cast<int>(split.classes.size()),
                       std::floor(static_cast<double>(i + 1) * held / count) >
                           std::floor(static_cast<double>(i) * held / count)});
    split.classes.push_back(name);
  }
  if (split.classes.size() < 2)
    throw Error(folder.string() +
                ": expected a folder with a subfolder of pictures for each of at least 2 classes, found " +
                std::to_string(split.classes.size()));
  const double side = static_cast<double>(split.resize);
  if (static_cast<double>(files.size()) * side * side * 4 >
      most_bytes)  // 4: three channels, and a third wider than high
    throw Error(folder.string() + ": " + std::to_string(files.size()) + " pictures of " +
                std::to_string(split.resize) +
                " pixels are too many to keep in 8 GiB of memory: take fewer, or a smaller --input-size");

  split.fingerprint = fingerprint.text();
  std::vector<Labelled> pictures(files.size());
  for_each_in_parallel(files.size(), threads, [&](std::size_t i) {
    Photo photo = load_photo(files[i].path, [&](int width, int height) {
      return framing(width, height, static_cast<int>(split.resize), size);
    });
    pictures[i] = {files[i].held_out ? photo.cropped() : std::move(photo.resized), files[i].label};
  });
  std::vector<Labelled> training, held_out;
  for (std::size_t i = 0; i < files.size(); ++i)
    (files[i].held_out ? held_out : training).push_back(std::move(pictures[i]));
  split.training = std::make_unique<Folder>(std::move(training), seed, size, true);
  split.held_out = std::make_unique<Folder>(std::move(held_out), seed, size, false);
  return split;
}

}  // namespace backlight
