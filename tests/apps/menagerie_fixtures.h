#pragma once

#include "apps/menagerie/menagerie.h"
#include "engine/parallel.h"

namespace backlight::test {

/// Pictures first … first + count - 1 of a world, drawn on so many threads.
inline std::vector<menagerie::Picture> pictures(std::uint64_t seed, std::size_t first, std::size_t count,
                                                int threads = 2) {
  std::vector<menagerie::Picture> result(count);
  for_each_in_parallel(count, threads,
                       [&](std::size_t i) { result[i] = menagerie::render(seed, first + i); });
  return result;
}

/// FNV-1a, 64 bits, of all that is in a picture (Fowler, Noll & Vo; draft-eastlake-fnv).
inline std::uint64_t fingerprint(const menagerie::Picture& picture) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&hash](const std::vector<std::uint8_t>& bytes) {
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
  };
  add(picture.image.pixels);
  add(picture.animal_mask);
  for (const auto& mask : picture.part_masks) add(mask);
  return hash;
}

}  // namespace backlight::test
