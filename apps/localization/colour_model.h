#pragma once

#include <array>
#include <span>
#include <vector>

namespace backlight {

/// Grey levels from 0 to 255 of red, green and blue.
using Colour = std::array<double, 3>;

/// Which colours are likely: a mixture of Gaussians with full covariances, p(z) = Σ_k π_k N(z; μ_k, Σ_k).
class ColourModel {
 public:
  /// Fits `components` Gaussians, fewer where there are fewer different colours, to at least one sample. They
  /// start from a binary splitting of the samples (Orchard & Bouman 1991, "Color quantization of images"):
  /// the cluster that varies most along its principal axis is cut there at its mean, until there are enough.
  /// Expectation maximisation follows, in float64. Nothing is random. Every covariance has `variance_floor`
  /// (in squared grey levels) added on its diagonal: a cluster of one colour keeps a density.
  ColourModel(std::span<const Colour> samples, int components, double variance_floor);
  ~ColourModel();
  ColourModel(const ColourModel&) = delete;
  ColourModel& operator=(const ColourModel&) = delete;

  /// log p(z), per cubed grey level. Finite for every finite colour.
  double log_density(const Colour& colour) const;

 private:
  struct Gaussian;
  std::vector<Gaussian> gaussians_;
};

}  // namespace backlight
