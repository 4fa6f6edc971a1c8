#include "apps/image/resize.h"
#include "apps/menagerie/menagerie.h"
#include "apps/training/data.h"

namespace backlight {
namespace {

class MenagerieData : public TrainingData {
 public:
  MenagerieData(std::uint64_t seed, std::size_t pictures, int size)
      : seed_(seed), pictures_(pictures), size_(size) {}

  std::size_t size() const override { return pictures_; }
  Example example(std::size_t epoch, std::size_t place) const override {
    const menagerie::Picture picture = menagerie::render(seed_, epoch * pictures_ + place);
    return {to_chw(prepare(picture.image, framing(picture.image.width, picture.image.height, 0, size_))),
            static_cast<int>(picture.animal)};
  }

 private:
  std::uint64_t seed_;
  std::size_t pictures_;
  int size_;
};

}  // namespace

DataSplit menagerie_data(std::uint64_t seed, std::size_t pictures, std::size_t held_out, int size) {
  return {{menagerie::animal_names.begin(), menagerie::animal_names.end()},
          "Menagerie",
          0,
          std::make_unique<MenagerieData>(seed, pictures, size),
          std::make_unique<MenagerieData>(seed + 1, held_out, size)};
}

}  // namespace backlight
