#include "apps/localization/colour_model.h"
#include "kernels/log_sum_exp.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace backlight {
namespace {

using Vector = Eigen::Vector3d;
using Matrix = Eigen::Matrix3d;

Vector vector(const Colour& colour) { return Vector(colour[0], colour[1], colour[2]); }

/// Weighted samples, summed up.
struct Moments {
  double weight = 0;
  Vector sum = Vector::Zero();
  Matrix squares = Matrix::Zero();

  void add(const Vector& sample, double w) {
    weight += w;
    sum += w * sample;
    squares += w * (sample * sample.transpose());
  }
  Vector mean() const { return sum / weight; }
  Matrix covariance() const { return squares / weight - mean() * mean().transpose(); }
};

Moments moments(std::span<const Vector> samples) {
  Moments all;
  for (const Vector& sample : samples) all.add(sample, 1);
  return all;
}

/// Samples that belong together.
struct Cluster {
  std::span<Vector> samples;
  Moments sums;
  double spread;  // Σ of the squared distances to the mean along `axis`
  Vector axis;    // along which the samples vary most

  explicit Cluster(std::span<Vector> all) : samples(all), sums(moments(all)) {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(sums.covariance());
    spread = solver.eigenvalues()[2] * sums.weight;
    axis = solver.eigenvectors().col(2);
  }
};

/// Orchard & Bouman 1991. Reorders the samples, so that each cluster's are side by side.
std::vector<Cluster> split(std::span<Vector> samples, int count) {
  std::vector<Cluster> clusters{Cluster(samples)};
  while (static_cast<int>(clusters.size()) < count) {
    Cluster& widest = *std::ranges::max_element(clusters, {}, &Cluster::spread);
    const Vector axis = widest.axis;
    const double middle = axis.dot(widest.sums.mean());
    const std::span<Vector> whole = widest.samples;
    const auto above = std::stable_partition(whole.begin(), whole.end(),
                                             [&](const Vector& sample) { return axis.dot(sample) < middle; });
    const auto below = static_cast<std::size_t>(above - whole.begin());
    if (below == 0 || below == whole.size()) break;  // one colour
    widest = Cluster(whole.first(below));
    clusters.emplace_back(whole.subspan(below));
  }
  return clusters;
}

}  // namespace

struct ColourModel::Gaussian {
  Vector mean;
  Matrix whitening;   // W with WᵀW = Σ⁻¹
  double log_factor;  // log π + log det W − 3/2 log 2π

  Gaussian(const Moments& sums, double share, double variance_floor) : mean(sums.mean()) {
    const Matrix covariance = sums.covariance() + variance_floor * Matrix::Identity();
    whitening = covariance.llt().matrixL().solve(Matrix::Identity());
    log_factor =
        std::log(share) + whitening.diagonal().array().log().sum() - 1.5 * std::log(2 * std::numbers::pi);
  }
  double log_density(const Vector& colour) const {
    return log_factor - (whitening * (colour - mean)).squaredNorm() / 2;
  }
};

ColourModel::ColourModel(std::span<const Colour> samples, int components, double variance_floor) {
  constexpr int most_iterations = 50;
  constexpr double smallest_gain = 1e-4;  // of the mean log likelihood
  std::vector<Vector> colours;
  for (const Colour& sample : samples) colours.push_back(vector(sample));
  const double count = static_cast<double>(colours.size());
  std::vector<Moments> sums;
  for (const Cluster& cluster : split(colours, components)) sums.push_back(cluster.sums);

  double likelihood = -std::numeric_limits<double>::infinity();
  std::vector<double> terms;
  for (int i = 0; i < most_iterations; ++i) {
    gaussians_.clear();  // M: the Gaussians of the samples that are theirs
    for (const Moments& part : sums)
      if (part.weight > 1e-3) gaussians_.emplace_back(part, part.weight / count, variance_floor);
    const double before = std::exchange(likelihood, 0);
    sums.assign(gaussians_.size(), {});  // E: each sample is shared out by π_k N(z; μ_k, Σ_k)
    terms.resize(gaussians_.size());
    for (const Vector& colour : colours) {
      std::ranges::transform(gaussians_, terms.begin(),
                             [&](const Gaussian& g) { return g.log_density(colour); });
      likelihood += log_sum_exp(std::span(terms)) / count;
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k].add(colour, terms[k]);
    }
    if (likelihood - before < smallest_gain) break;
  }
}

ColourModel::~ColourModel() = default;

double ColourModel::log_density(const Colour& colour) const {
  std::vector<double> terms;
  for (const Gaussian& gaussian : gaussians_) terms.push_back(gaussian.log_density(vector(colour)));
  return log_sum_exp(std::span(terms));
}

}  // namespace backlight
