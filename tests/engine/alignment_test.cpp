// The same bits wherever the tensors lie in memory. A session's arena is aligned, but images of a batch,
// tiles and a caller's arrays are not: vector code that treats the elements before an aligned address in
// another way (Eigen's small products do) gives an image other bits in another batch.
#include <doctest/doctest.h>

#include <cstring>
#include <list>

#include "kernels/contracts.h"
#include "tests/engine/networks.h"

namespace backlight {
namespace {

/// Copies of tensors, each `offset` elements behind an aligned address.
template <class T>
class Shifted {
 public:
  explicit Shifted(std::size_t offset) : offset_(offset) {}
  T* operator()(const std::vector<T>& values) {
    const Buffer& buffer = buffers_.emplace_back(Device::cpu, (values.size() + offset_) * sizeof(T));
    T* data = reinterpret_cast<T*>(buffer.data()) + offset_;
    std::copy(values.begin(), values.end(), data);
    return data;
  }

 private:
  std::size_t offset_;
  std::list<Buffer> buffers_;
};

template <class T>
std::vector<T> reals(std::int64_t count, unsigned seed) {
  const std::vector<double> values = testing::uniform(count, seed);
  return {values.begin(), values.end()};
}

/// run(bound, place, y, workers): `place` puts a tensor somewhere, y is where the result goes.
template <class Contract, class Run>
void check(const typename Contract::Sizes& sizes, std::int64_t outputs, Run run) {
  using T = typename Contract::Element;
  for (const auto& entry : cpu::table<Contract>()) {
    if (!entry.accepts(sizes)) continue;
    const Bound<Contract> bound = entry.bind(sizes, {1});
    std::vector<T> first;
    for (const std::size_t offset : {0, 1, 2, 3, 5, 8, 15}) {
      Shifted<T> place(offset);
      T* y = place(std::vector<T>(static_cast<std::size_t>(outputs), T(7)));
      const Buffer scratch(Device::cpu, bound.scratch), shared(Device::cpu, bound.shared);
      run(bound, place, y, Workers{1, scratch.data(), scratch.bytes(), shared.data()});
      const std::vector<T> result(y, y + outputs);
      if (first.empty()) first = result;
      CAPTURE(entry.name);
      CAPTURE(offset);
      REQUIRE(result == first);
    }
  }
}

template <class T, class Contract>
const T* weights_for(const Bound<Contract>& bound, const std::vector<T>& w, Shifted<T>& place) {
  if (bound.prepared == 0) return place(w);
  std::vector<T> prepared(bound.prepared);
  bound.prepare(w.data(), prepared.data(), {});
  return place(prepared);
}

TEST_CASE_TEMPLATE("the bits of products do not depend on where they lie in memory", T, float, double) {
  std::mt19937 random(1);
  const auto pick = [&](int low, int high) {
    return low + static_cast<std::int64_t>(random() % static_cast<unsigned>(high - low + 1));
  };
  for (int round = 0; round < 200; ++round) {
    ConvSizes s;
    s.batch = pick(1, 3), s.in_channels = pick(1, 9), s.out_channels = pick(1, 9);
    s.kernel_height = pick(1, 3), s.kernel_width = pick(1, 3), s.stride_y = pick(1, 2),
    s.stride_x = pick(1, 2);
    s.in_height = pick(3, 7), s.in_width = pick(3, 7), s.pad_top = pick(0, 1), s.pad_left = pick(0, 1);
    s.out_height = (s.in_height + s.pad_top - s.kernel_height) / s.stride_y + 1;
    s.out_width = (s.in_width + s.pad_left - s.kernel_width) / s.stride_x + 1;
    const std::int64_t in = s.batch * s.in_height * s.in_width * s.in_channels,
                       out = s.batch * s.out_height * s.out_width * s.out_channels;
    const auto x = reals<T>(in, 1), w = reals<T>(s.weights(), 2), dy = reals<T>(out, 3);
    check<ConvForward<T>>(s, out, [&](const auto& bound, auto& place, T* y, const Workers& workers) {
      bound.run(place(x), weights_for(bound, w, place), Epilogue<T>{}, y, workers);
    });
    check<ConvBackwardData<T>>(s, in, [&](const auto& bound, auto& place, T* dx, const Workers& workers) {
      bound.run(place(dy), weights_for(bound, w, place), dx, Gate{}, workers);
    });
    check<ConvBackwardWeights<T>>(s, s.weights(),
                                  [&](const auto& bound, auto& place, T* dw, const Workers& workers) {
                                    bound.run(place(x), place(dy), dw, nullptr, Write::set, workers);
                                  });
  }
  for (int round = 0; round < 100; ++round) {
    const LinearSizes s{pick(1, 3), pick(1, 40), pick(1, 40)};
    const auto x = reals<T>(s.batch * s.in, 1), w = reals<T>(s.in * s.out, 2),
               dy = reals<T>(s.batch * s.out, 3);
    check<LinearForward<T>>(s, s.batch * s.out,
                            [&](const auto& bound, auto& place, T* y, const Workers& workers) {
                              bound.run(place(x), weights_for(bound, w, place), Epilogue<T>{}, y, workers);
                            });
    check<LinearBackwardData<T>>(s, s.batch * s.in,
                                 [&](const auto& bound, auto& place, T* dx, const Workers& workers) {
                                   bound.run(place(dy), weights_for(bound, w, place), dx, Gate{}, workers);
                                 });
    check<LinearBackwardWeights<T>>(s, s.in * s.out,
                                    [&](const auto& bound, auto& place, T* dw, const Workers& workers) {
                                      bound.run(place(x), place(dy), dw, nullptr, Write::set, workers);
                                    });
  }
}

TEST_CASE_TEMPLATE("the bits of sums over channels do not depend on where they lie in memory", T, float,
                   double) {
  for (std::int64_t channels = 1; channels < 40; channels += 3) {
    const ChannelSizes s{13, channels};
    const auto x = reals<T>(13 * channels, 1), dy = reals<T>(13 * channels, 2), mean = reals<T>(channels, 3);
    check<ChannelMoments<T>>(s, 2 * channels,
                             [&](const auto& bound, auto& place, T* y, const Workers& workers) {
                               bound.run(place(x), y, y + channels, workers);
                             });
    check<NormGradientSums<T>>(
        s, 2 * channels, [&](const auto& bound, auto& place, T* y, const Workers& workers) {
          bound.run(place(x), place(dy), place(mean), place(mean), y, y + channels, workers);
        });
  }
}

}  // namespace
}  // namespace backlight
