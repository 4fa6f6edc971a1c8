#pragma once

#include <span>

// What keeps a class image from becoming noise. A picture is 3 planes of side × side floats, row by row.

namespace backlight {

/// λ·‖I‖² (Simonyan et al. 2013, §2). Subtracts its gradient, 2λ·I, from `ascent`.
double subtract_decay(std::span<const float> picture, double lambda, std::span<float> ascent);

/// μ·Σ √((I[y,x+1] − I[y,x])² + (I[y+1,x] − I[y,x])² + ε²) − ε over channels and pixels, with 0 for
/// differences over the edge: the total variation of Rudin, Osher & Fatemi 1992 as in Mahendran & Vedaldi
/// 2015 (arXiv 1412.0035, β = 1), made smooth by ε = 0.01. Subtracts its gradient from `ascent`.
double subtract_total_variation(std::span<const float> picture, int side, double mu, std::span<float> ascent);

/// Convolves each plane with a Gaussian of standard deviation `sigma` pixels, cut off at 3σ; the edge's
/// pixels go on beyond it.
void blur(std::span<float> picture, int side, double sigma);

/// Moves the picture dx pixels to the right and dy down; what leaves on one side comes in on the other.
void roll(std::span<float> picture, int side, int dx, int dy);

}  // namespace backlight
