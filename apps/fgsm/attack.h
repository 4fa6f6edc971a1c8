#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace backlight {

// The fast gradient sign method (Goodfellow, Shlens & Szegedy 2014, arXiv 1412.6572, §4), in grey levels:
//   x' = clip(x + ε·sign(∂L/∂x), 0, 255),   L the cross-entropy with the label

/// The gradient of L at the logits, p − onehot(label), divided by 1 − p[label]:
///   for k ≠ label: exp(x[k]) / Σ_{j ≠ label} exp(x[j]);   for the label: −1
/// The divisor is positive, so the sign of what reaches the pixels is that of ∂L/∂x; and it is no 0, as
/// p − onehot in floats would be where the network is certain. Of one image; at least two classes.
void cross_entropy_seed(std::span<const float> logits, int label, std::span<float> seed);

/// clip(x + epsilon·sign(gradient), 0, 255), with sign(0) = 0. A negative epsilon goes down.
std::vector<float> perturbed(std::span<const float> image, std::span<const float> gradient, double epsilon);

/// An image and how far it is to be moved.
struct Trial {
  std::size_t image;
  double epsilon;  // above 0
};

/// The largest ε that smallest_flips tries.
constexpr double most_epsilon = 128;

/// For each of `images`, the smallest ε found at which it flips: of 1, 2, 4 … most_epsilon the first that
/// does; then the interval between it and the one before, where it does not, is bisected until it is no
/// longer than `resolution`. Whether an image flips is not monotone in ε, so what is returned is sure to be a
/// flip, and ε less the last interval sure to be none; but a smaller ε in between the tried ones may flip
/// too. Nothing where none of the powers of two does. `flips` is asked about many trials at a time.
std::vector<std::optional<double>> smallest_flips(
    std::size_t images, double resolution,
    const std::function<std::vector<bool>(const std::vector<Trial>&)>& flips);

}  // namespace backlight
