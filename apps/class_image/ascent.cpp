#include "apps/class_image/ascent.h"

#include <cmath>
#include <random>

#include "apps/class_image/octaves.h"
#include "apps/class_image/regularisers.h"
#include "apps/runner.h"

namespace backlight {
namespace {

using Picture = std::vector<float>;

/// From grey levels to what the network normalises them to, and back.
class Units {
 public:
  explicit Units(const ModelInfo& info) : info_(info) {}
  void to_grey(std::span<const float> picture, float* grey) const {
    for (std::size_t i = 0; i < picture.size(); ++i) {
      const std::size_t c = i / (picture.size() / 3);
      grey[i] = static_cast<float>(255 * (picture[i] * info_.std[c] + info_.mean[c]));
    }
  }
  /// dI = 255·std·dgrey.
  Picture gradient(std::span<const float> per_grey) const {
    Picture result;
    for (std::size_t i = 0; i < per_grey.size(); ++i)
      result.push_back(static_cast<float>(255 * info_.std[i / (per_grey.size() / 3)] * per_grey[i]));
    return result;
  }

 private:
  const ModelInfo& info_;
};

/// One class on its way up.
struct Climber {
  int target;
  std::mt19937_64 random;
  Picture coarse = {}, whole = {};  // J and I = U·J
  int dx = 0, dy = 0;

  Climber(int k, std::uint64_t seed) : target(k) {
    std::seed_seq sequence{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                           static_cast<std::uint32_t>(k)};
    random.seed(sequence);
  }
  /// −most … most, the same on every platform, which std::uniform_int_distribution is not.
  int shift(int most) { return static_cast<int>(random() % static_cast<std::uint64_t>(2 * most + 1)) - most; }
};

void take_step(Picture& picture, const Picture& gradient, double step) {
  double squares = 0;
  for (const float g : gradient) squares += static_cast<double>(g) * g;
  const double rms = std::sqrt(squares / static_cast<double>(gradient.size()));
  if (!std::isfinite(rms)) throw Error("class-image: the gradient is not finite: try a smaller --step");
  if (rms == 0) return;
  for (std::size_t i = 0; i < picture.size(); ++i) picture[i] += static_cast<float>(step / rms * gradient[i]);
}

}  // namespace

std::vector<float> climb(const Model& model, const std::vector<int>& classes, const AscentOptions& options,
                         const std::function<void()>& tick) {
  const Units units(model.info());
  const int side = model.input_size();
  const std::size_t elements = model.image_elements();
  Runner runner(model, classes.size(), ReluRule::gradient);
  std::vector<Climber> climbers;
  for (const int k : classes) climbers.emplace_back(k, options.seed);
  std::vector<float> grey(classes.size() * elements);

  for (int before = 0; const int coarse : octave_sides(side, options.octaves)) {
    for (Climber& c : climbers)
      c.coarse = before ? Upsampling(before, coarse).forward(c.coarse)
                        : Picture(3 * static_cast<std::size_t>(coarse) * coarse);
    before = coarse;
    const Upsampling up(coarse, side);
    for (int t = 0; t < options.iterations; ++t) {
      for (std::size_t i = 0; i < climbers.size(); ++i) {
        Climber& c = climbers[i];
        c.whole = up.forward(c.coarse);
        c.dx = c.shift(options.jitter);
        c.dy = c.shift(options.jitter);
        Picture rolled = c.whole;
        roll(rolled, side, c.dx, c.dy);
        units.to_grey(rolled, grey.data() + i * elements);
      }
      const std::vector<float> gradients = runner.run(grey, one_hot(classes)).gradients;
      for (std::size_t i = 0; i < climbers.size(); ++i) {
        Climber& c = climbers[i];
        Picture ascent = units.gradient(std::span(gradients).subspan(i * elements, elements));
        roll(ascent, side, -c.dx, -c.dy);
        subtract_decay(c.whole, options.lambda, ascent);
        subtract_total_variation(c.whole, side, options.total_variation, ascent);
        take_step(c.coarse, up.adjoint(ascent),
                  options.step * (1 - static_cast<double>(t) / options.iterations));
        blur(c.coarse, coarse, options.blur);
      }
      tick();
    }
  }
  for (std::size_t i = 0; i < climbers.size(); ++i)
    units.to_grey(climbers[i].coarse, grey.data() + i * elements);
  return grey;
}

}  // namespace backlight
