#include "apps/menagerie/scene.h"

#include "apps/menagerie/random.h"

namespace backlight::menagerie {
namespace {

Pose sample_pose(Random random) {
  Pose pose;
  pose.size = random.uniform(17, 29);
  // The face is in the picture; ears, body and tail may leave it.
  pose.head.x = 64 + 1.3f * random.middling() * (62 - pose.size);
  pose.head.y = random.uniform(1.25f * pose.size, std::max(128 - 2.6f * pose.size, 1.9f * pose.size));
  pose.flipped = random.chance(0.5f);
  pose.lean = Turn::of(0.12f * random.middling());
  pose.tilt = Turn::of(0.22f * random.middling());
  pose.yaw = Turn::of(0.28f * random.middling());
  pose.pitch = Turn::of(0.14f * random.middling());
  pose.gaze = random.in_disc();
  pose.arms = random.uniform(-1, 1);
  pose.tail = random.uniform(-1, 1);
  for (float& stretch : pose.stretch) stretch = random.uniform(0.9f, 1.12f);
  return pose;
}

struct Range {
  float low, high;
};

/// One number after the other: in what order a call evaluates its arguments is up to the compiler.
Colour sample_colour(Random& random, Range hue, Range saturation, Range value) {
  const float h = random.uniform(hue.low, hue.high), s = random.uniform(saturation.low, saturation.high);
  return hsv(h, s, random.uniform(value.low, value.high));
}
constexpr Range any_hue{0, 1};

Coat sample_coat(Random random) {
  Coat coat;
  coat.base = random.chance(0.65f)  // browns, greys, creams, oranges, or a colour of fairy tales
                  ? sample_colour(random, {0.02f, 0.12f}, {0.05f, 0.7f}, {0.32f, 0.98f})
                  : sample_colour(random, any_hue, {0.15f, 0.48f}, {0.5f, 0.98f});
  const bool darker = luminance(coat.base) > random.uniform(0.3f, 0.7f);
  const Colour light = sample_colour(random, {0.04f, 0.14f}, {0.1f, 0.2f}, {0.9f, 1});
  coat.second = mix(coat.base, darker ? 0.35f * coat.base : light, random.uniform(0.4f, 0.75f));
  coat.pale = random.chance(0.8f) ? cream : coat.second;
  coat.pale = mix(coat.base, coat.pale, random.uniform(0.5f, 0.88f));
  coat.skin = sample_colour(random, {-0.06f, 0.1f}, {0.12f, 0.42f}, {0.6f, 1});
  coat.nose = random.chance(0.6f) ? mix(ink, coat.base, 0.15f)
                                  : sample_colour(random, {-0.06f, 0.06f}, {0.35f, 0.6f}, {0.5f, 0.92f});
  coat.iris = sample_colour(random, any_hue, {0.3f, 0.7f}, {0.4f, 0.9f});
  coat.blush = sample_colour(random, {-0.05f, 0.05f}, {0.4f, 0.55f}, {0.95f, 1});
  coat.pattern = static_cast<Pattern>(random.below(5));
  coat.offset = {random.uniform(0, 60), random.uniform(0, 60)};
  coat.direction = Turn::of(random.uniform(-1, 1));
  coat.frequency = random.uniform(1.3f, 2.6f);
  coat.coverage = random.uniform(0.35f, 0.6f);
  coat.length = random.uniform(0.02f, 0.085f);
  coat.roughness = random.uniform(0.25f, 0.8f);
  return coat;
}

Light sample_light(Random random) {
  Light light;
  light.side = random.in_disc();
  light.side.y -= 0.45f;  // mostly from above
  light.height = random.uniform(0.45f, 0.9f);
  const float norm = std::sqrt(dot(light.side, light.side) + light.height * light.height);
  light.side = (1 / norm) * light.side;
  light.height /= norm;
  const float warm = random.uniform(-0.05f, 0.07f);
  light.bright = random.uniform(1.12f, 1.28f) * Colour{1 + warm, 1, 1 - warm};
  const float dark = random.uniform(0.42f, 0.68f), cool = random.uniform(0, 0.1f);
  light.dim = {dark - cool / 2, dark - cool / 2, dark + cool};
  light.rim = random.uniform(0, 0.3f);
  return light;
}

Background sample_background(Random random) {
  Background background;
  background.kind = static_cast<Backdrop>(random.below(8));
  const float hue = random.uniform(), near = 0.14f;
  const Range value = random.chance(0.75f) ? Range{0.74f, 1} : Range{0.35f, 0.75f};
  const Range hues{hue - near, hue + near};
  background.top = sample_colour(random, hues, {0.08f, 0.5f}, value);
  background.bottom = sample_colour(random, hues, {0.08f, 0.5f}, value);
  background.accent = sample_colour(random, any_hue, {0.08f, 0.5f}, {0.55f, 1});
  background.offset = {random.uniform(0, 60), random.uniform(0, 60)};
  background.direction = Turn::of(random.uniform(-1, 1));
  background.frequency = random.uniform(0.6f, 1.7f);
  background.contrast = random.uniform(0.25f, 0.8f);
  background.floor = random.uniform(70, 118);
  background.has_floor = random.chance(0.5f);
  background.ground = random.chance(0.4f) ? sample_colour(random, {0.18f, 0.38f}, {0.25f, 0.55f}, value)
                                          : sample_colour(random, any_hue, {0.08f, 0.42f}, value);
  background.shadow = random.uniform(0.2f, 0.55f);
  return background;
}

Object sample_object(Random& random) {
  Object object;
  object.thing = static_cast<Thing>(random.below(thing_count));
  object.size = random.uniform(6, 15);
  object.turn = Turn::of(0.35f * random.middling());
  object.first = sample_colour(random, any_hue, {0.35f, 0.75f}, {0.6f, 1});
  object.second = sample_colour(random, any_hue, {0.1f, 0.7f}, {0.7f, 1});
  return object;
}

std::vector<Object> sample_behind(Random random) {
  std::vector<Object> objects(static_cast<std::size_t>(random.below(4)));
  for (Object& object : objects) {
    object = sample_object(random);
    object.position = {random.uniform(4, 124), random.uniform(10, 122)};
  }
  return objects;
}

/// Objects before the animal keep off the middle of the face, so that a person can still tell what it is.
std::vector<Object> sample_in_front(Random random, const Pose& pose) {
  const float chance = random.uniform();
  std::vector<Object> objects(chance < 0.6f ? 0 : chance < 0.9f ? 1 : 2);
  for (Object& object : objects) {
    object = sample_object(random);
    const Vec from = random.in_disc();
    const float far = random.uniform(1.25f, 2.6f), norm = std::max(length(from), 1e-3f);
    object.position = pose.head + (far * pose.size / norm) * from + Vec{0, 0.4f * pose.size};
  }
  return objects;
}

Camera sample_camera(Random random) {
  Camera camera;
  camera.exposure = random.uniform(0.95f, 1.15f);
  camera.contrast = random.uniform(0.85f, 1.12f);
  camera.warmth = random.uniform(-0.05f, 0.05f);
  camera.vignette = random.uniform(0, 0.3f);
  camera.blur = random.chance(0.5f) ? 0 : random.uniform(0, 1.8f);
  camera.noise = random.chance(0.4f) ? 0.003f : random.uniform(0.003f, 0.03f);
  camera.noise_seed = random.bits();
  return camera;
}

}  // namespace

Scene sample_scene(std::uint64_t seed, std::uint64_t index) {
  // A stream for each, so that a number more here moves nothing there.
  const auto stream = [=](std::uint64_t number) { return Random(seed, index, number); };
  Scene scene;
  scene.pose = sample_pose(stream(0));
  scene.coat = sample_coat(stream(1));
  scene.light = sample_light(stream(2));
  scene.background = sample_background(stream(3));
  scene.behind = sample_behind(stream(4));
  scene.in_front = sample_in_front(stream(5), scene.pose);
  Random wardrobe = stream(6);
  scene.wear = wardrobe.chance(0.7f) ? Wear::nothing : wardrobe.chance(0.5f) ? Wear::scarf : Wear::bow;
  scene.cloth = sample_colour(wardrobe, any_hue, {0.4f, 0.75f}, {0.6f, 0.98f});
  scene.camera = sample_camera(stream(7));
  return scene;
}

}  // namespace backlight::menagerie
