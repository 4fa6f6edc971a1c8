// Menagerie's pictures: the same everywhere, with masks that add up.
#include <doctest/doctest.h>

#include <numeric>

#include "engine/error.h"
#include "tests/apps/menagerie_fixtures.h"

using namespace backlight;
using namespace backlight::menagerie;
using namespace backlight::test;

TEST_CASE("Menagerie's pictures are the same bytes on every machine") {
  // The shipped weights were trained on these pictures: other hashes mean that they have to be trained again.
  // To renew the hashes after a change that is meant, copy the ones that the failing check prints.
  const std::array<std::uint64_t, 6> expected{0x5ac5d0288627231cu, 0x136150c240643885u, 0xef6d9200ce06a832u,
                                              0x4f7c75c0d9d03e25u, 0xa999ca53df0ed521u, 0x8514ab9bc4ae9896u};
  for (std::uint64_t index = 0; index < 5; ++index) {
    CAPTURE(index);
    CHECK(fingerprint(render(1, index)) == expected[index]);
  }
  CHECK(fingerprint(render(0xfedcba9876543210u, 1234567890123u)) == expected[5]);
}

TEST_CASE("Menagerie draws the same on one thread as on four") {
  const auto one = pictures(7, 0, 12, 1), four = pictures(7, 0, 12, 4);
  for (std::size_t i = 0; i < one.size(); ++i) CHECK(fingerprint(one[i]) == fingerprint(four[i]));
}

TEST_CASE("Menagerie's worlds and their pictures differ") {
  CHECK(fingerprint(render(1, 0)) != fingerprint(render(2, 0)));
  CHECK(fingerprint(render(1, 0)) != fingerprint(render(1, 5)));
}

TEST_CASE("Menagerie's animals take turns") {
  for (std::uint64_t index = 0; index < 11; ++index)
    CHECK(render(3, index).animal == static_cast<Animal>(index % 5));
}

TEST_CASE("Menagerie's part masks are within the animal and leave the head") {
  std::array<std::array<std::int64_t, part_names.size()>, animal_names.size()> total{};
  for (const Picture& picture : pictures(11, 0, 60)) {
    REQUIRE(picture.animal_mask.size() == std::size_t(side) * side);
    int beyond = 0, head = 0;
    for (std::size_t i = 0; i < picture.animal_mask.size(); ++i) {
      int parts = 0;
      for (const auto& mask : picture.part_masks) parts += mask[i];
      beyond += parts > picture.animal_mask[i];
      head += picture.animal_mask[i] > parts + 200;
    }
    CHECK(beyond == 0);
    CHECK(head > 150);
    for (std::size_t part = 0; part < part_names.size(); ++part) {
      const auto& mask = picture.part_masks[part];
      total[static_cast<std::size_t>(picture.animal)][part] += std::accumulate(mask.begin(), mask.end(), 0);
    }
  }
  for (std::size_t animal = 0; animal < animal_names.size(); ++animal)
    for (std::size_t part = 0; part < part_names.size(); ++part) {
      CAPTURE(animal_names[animal]);
      CAPTURE(part_names[part]);
      const bool bare =
          static_cast<Animal>(animal) == Animal::bear && static_cast<Part>(part) == Part::whiskers;
      CHECK((total[animal][part] == 0) == bare);
    }
}

TEST_CASE("Menagerie names the animals and parts there are") {
  CHECK(animal_from_name("monkey") == Animal::monkey);
  CHECK(part_from_name("tail") == Part::tail);
  CHECK_THROWS_WITH_AS(animal_from_name("wolf"),
                       "animal 'wolf' is unknown: there are bear, cat, dog, monkey and rabbit", UsageError);
  CHECK_THROWS_WITH_AS(part_from_name("paw"),
                       "part 'paw' is unknown: there are ears, muzzle, eyes, whiskers, body and tail",
                       UsageError);
}
