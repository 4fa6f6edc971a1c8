#pragma once

#include <cstdint>

#include "kernels/implementation.h"

namespace backlight {

/// Operations with one set of numbers per channel; activations are stored channels last: `rows` = N·H·W rows
/// of `channels`.
struct ChannelSizes {
  std::int64_t rows = 0, channels = 1;
};

/// y = x·scale[c] + shift[c] (+=, where `write` adds). `shift` may be null: that is its own backward. y may
/// be x.
template <class T>
struct ChannelAffine {
  static constexpr auto name = "channel_affine";
  using Element = T;
  using Sizes = ChannelSizes;
  using Run = void (*)(const ChannelSizes&, const T* x, const T* scale, const T* shift, T* y, Write,
                       const Workers&);
};

/// scale = γ / √(variance + ε), shift = β − mean·scale, and inverse_deviation = 1 / √(variance + ε) (may be
/// null): batch normalisation as one multiply and one add. Only `channels` is read of the sizes.
template <class T>
struct NormScale {
  static constexpr auto name = "norm_scale";
  using Element = T;
  using Sizes = ChannelSizes;
  using Run = void (*)(const ChannelSizes&, const T* gamma, const T* beta, const T* mean, const T* variance,
                       double epsilon, T* scale, T* shift, T* inverse_deviation, const Workers&);
};

/// running = (1 − momentum)·running + momentum·batch for the mean and for the variance, the latter with the
/// unbiased R/(R−1) of the batch, as in PyTorch.
template <class T>
struct RunningMoments {
  static constexpr auto name = "running_moments";
  using Element = T;
  using Sizes = ChannelSizes;
  using Run = void (*)(const ChannelSizes&, const T* mean, const T* variance, double momentum,
                       T* running_mean, T* running_variance, const Workers&);
};

/// mean[c] = Σ_r x / R and variance[c] = Σ_r (x − mean)² / R (the biased one), in two passes.
template <class T>
struct ChannelMoments {
  static constexpr auto name = "channel_moments";
  using Element = T;
  using Sizes = ChannelSizes;
  using Run = void (*)(const ChannelSizes&, const T* x, T* mean, T* variance, const Workers&);
};

/// sum[c] = Σ_r dy and dot[c] = Σ_r dy·(x − mean[c])·inverse_deviation[c]: batch normalisation's dβ and dγ
/// (Ioffe & Szegedy 2015, arXiv 1502.03167).
template <class T>
struct NormGradientSums {
  static constexpr auto name = "norm_gradient_sums";
  using Element = T;
  using Sizes = ChannelSizes;
  using Run = void (*)(const ChannelSizes&, const T* x, const T* dy, const T* mean,
                       const T* inverse_deviation, T* sum, T* dot, const Workers&);
};

/// dx = scale[c]·(dy − sum[c]/R − x̂·dot[c]/R), x̂ = (x − mean[c])·inverse_deviation[c]: the backward of batch
/// normalisation in training mode, with scale = γ·inverse_deviation (same paper, §3).
template <class T>
struct NormBackward {
  static constexpr auto name = "norm_backward";
  using Element = T;
  using Sizes = ChannelSizes;
  using Run = void (*)(const ChannelSizes&, const T* x, const T* dy, const T* mean,
                       const T* inverse_deviation, const T* scale, const T* sum, const T* dot, T* dx, Write,
                       const Workers&);
};

}  // namespace backlight
