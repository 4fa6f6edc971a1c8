#pragma once

#include <span>
#include <vector>

namespace backlight {

/// Enlarges pictures, 3 planes of `from` × `from`, to `to` × `to`: a linear map U, bilinear between the
/// centres of the pixels. With equal sizes it is the identity.
///   forward:  I = U·J          adjoint:  dJ = Uᵀ·dI
/// With it a network of fixed input size can be climbed on a coarse picture first, then on finer ones.
class Upsampling {
 public:
  Upsampling(int from, int to);
  std::vector<float> forward(std::span<const float> picture) const;
  std::vector<float> adjoint(std::span<const float> gradient) const;
  int from() const { return from_; }

 private:
  struct Tap {
    std::size_t low, high;  // the neighbours among the `from` places
    float share;            // of the higher one
  };
  int from_, to_;
  std::vector<Tap> taps_;  // of each of the `to` places
};

/// The sides of the pictures, coarse to fine: each half of the next, rounded up, the last is `side`. At most
/// `octaves`, and none below 4 pixels unless it is the only one.
std::vector<int> octave_sides(int side, int octaves);

}  // namespace backlight
