#include "apps/menagerie/menagerie.h"

#include <string>

#include "apps/menagerie/animal.h"
#include "apps/menagerie/scenery.h"
#include "engine/error.h"

namespace backlight::menagerie {
namespace {

template <std::size_t N>
int index_of(std::string_view name, const std::array<std::string_view, N>& names, const std::string& what) {
  std::string all;
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<int>(i);
    all += (i == 0 ? "" : i + 1 == N ? " and " : ", ") + std::string(names[i]);
  }
  throw UsageError(what + " '" + std::string(name) + "' is unknown: there are " + all);
}

}  // namespace

Animal animal_from_name(std::string_view name) {
  return static_cast<Animal>(index_of(name, animal_names, "animal"));
}

Part part_from_name(std::string_view name) { return static_cast<Part>(index_of(name, part_names, "part")); }

Picture render(std::uint64_t seed, std::uint64_t index, const std::optional<Change>& change) {
  const Scene scene = sample_scene(seed, index);
  Picture picture;
  picture.animal = static_cast<Animal>(index % animal_names.size());
  Canvas canvas;
  paint_background(canvas, scene);
  for (const Object& object : scene.behind) paint_object(canvas, scene, object);
  paint_animal(canvas, scene, picture.animal, change);
  for (const Object& object : scene.in_front) paint_object(canvas, scene, object);
  canvas.masks(picture);
  picture.image = photograph(canvas, scene.camera);
  return picture;
}

}  // namespace backlight::menagerie
