#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "apps/model.h"

namespace backlight {

/// How a class image is climbed to. As it stands: the method of Simonyan et al. 2013, §2, and no more.
struct AscentOptions {
  int iterations = 200;        // in each octave
  double step = 0.1;           // of the first iteration: root mean square change of I
  double lambda = 0.001;       // weight of ‖I‖²
  int jitter = 0;              // pixels
  double blur = 0;             // standard deviation in pixels
  double total_variation = 0;  // its weight
  int octaves = 1;
  std::uint64_t seed = 0;
};

/// Gradient ascent, for each class on its own, from I = 0 to a maximum of
///   logit_class(I) − λ·‖I‖² − μ·TV(I)
/// I is what the first convolution sees, (grey/255 − mean)/std, so that zero is the mean image. In iteration
/// t of T
///   I += step·(1 − t/T)·g/rms(g)
/// with g the gradient of that sum and rms(g) the root of its mean square: the length of a step does not
/// depend on the network's scale, and the steps shrink, so that the ascent comes to rest. On request the
/// picture is rolled by up to `jitter` pixels each way before the network sees it (and its gradient rolled
/// back), is blurred after each step, and begins coarse: in an octave of a smaller side, J is climbed with I
/// = U·J.
/// `tick` is called after each iteration. Returns the pictures in grey levels, not clipped to 0 … 255: N,
/// 3,size,size. The same options give the same bits; a class's picture does not depend on the others.
std::vector<float> climb(const Model& model, const std::vector<int>& classes, const AscentOptions& options,
                         const std::function<void()>& tick);

}  // namespace backlight
