#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/session.h"

namespace backlight {

struct GradcheckOptions {
  double step = 1e-5;  // an element x moves by step·max(1, |x|) to either side
  int elements = 24;   // of each tensor, drawn at random; smaller tensors are checked whole
  unsigned seed = 1;
  SessionOptions session = {};  // device, threads, kernel
};

struct GradcheckReport {
  double worst = 0;   // largest error
  std::string where;  // the element it was found at: "conv1.weight[17]"
  double analytic = 0, numeric = 0;
  int checked = 0;
  int skipped = 0;  // elements with a kink inside their step
};

/// Holds the backward against central differences, in float64: for f = Σ u·target with a random u of [−1, 1),
///
///   numeric = (f(x + h) − f(x − h)) / 2h,
///   error = |analytic − numeric| / max(|analytic|, |numeric|, 10⁻³·Σ|u·target|)
///
/// for the elements of the wanted values, which must be inputs of the graph, and of the trainable parameters
/// where `differentiation` has them. The floor of the divisor is what a difference of doubles can resolve.
///
/// ReLU and max pooling have kinks, where differences say nothing. An element is skipped where, and only
/// where, a saved sign or winner is not the same at x − h, x and x + h (after Caffe's GradientChecker).
///
/// `inputs` gives every input of the graph, N,C,H,W in row-major order; `parameters` may have any precision
/// and are not changed. Throws UsageError where a wanted value is no input or the rule is not the gradient.
GradcheckReport gradcheck(const Graph& graph, const Parameters& parameters,
                          const std::map<std::string, std::vector<double>>& inputs,
                          const Differentiation& differentiation, const GradcheckOptions& options = {});

/// "worst 3.1e-10 at conv1.weight[17] (0.25 by differences 0.25), 240 checked, 2 skipped".
std::string to_string(const GradcheckReport& report);

}  // namespace backlight
