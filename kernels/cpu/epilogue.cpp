#include "kernels/cpu/epilogue.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/epilogue.cpp"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace backlight::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
constexpr int lanes = static_cast<int>(hn::MaxLanes(hn::ScalableTag<T>()));

/// Vectors come in steps that fill whole bytes of a mask.
template <class T>
constexpr int step = std::max(lanes<T>, 8);

/// The signs of one step's vectors, and back. Highway reads and writes eight bytes at a time.
template <class T, class Mask>
HWY_INLINE void write_signs(Mask mask, int lane, std::uint8_t* to) {
  std::uint8_t bits[8];
  hn::StoreMaskBits(hn::ScalableTag<T>(), mask, bits);
  if constexpr (lanes<T> >= 8)
    std::memcpy(to, bits, lanes<T> / 8);
  else
    *to = static_cast<std::uint8_t>((lane ? *to : 0) | (bits[0] & ((1 << lanes<T>)-1)) << lane);
}
template <class T>
HWY_INLINE auto read_signs(const std::uint8_t* from, int lane) {
  std::uint8_t bits[8] = {};
  if constexpr (lanes<T> >= 8)
    std::memcpy(bits, from, lanes<T> / 8);
  else
    bits[0] = static_cast<std::uint8_t>(*from >> lane);
  return hn::LoadMaskBits(hn::ScalableTag<T>(), bits);
}

template <class T>
void epilogue(const Epilogue<T>& e, std::int64_t channels, std::int64_t row, std::int64_t first,
              std::int64_t count, const T* sums, T* y) {
  const hn::ScalableTag<T> d;
  const auto zero = hn::Zero(d);
  const std::int64_t at = row * channels + first, mask_at = row * mask_row_bytes(channels) + first / 8;
  std::int64_t c = 0;
  for (; c + step<T> <= count; c += step<T>)
    for (int lane = 0; lane < step<T>; lane += lanes<T>) {
      const std::int64_t j = c + lane;
      auto value = hn::LoadU(d, sums + j);
      if (e.bias) value = hn::Add(value, hn::LoadU(d, e.bias + first + j));
      if (e.residual) value = hn::Add(value, hn::LoadU(d, e.residual + at + j));
      if (e.relu && e.held) {
        value = hn::IfThenElseZero(read_signs<T>(e.held + mask_at + c / 8, lane), value);
        if (e.mask)
          write_signs<T>(read_signs<T>(e.held + mask_at + c / 8, lane), lane, e.mask + mask_at + c / 8);
      } else if (e.relu) {
        if (e.mask) write_signs<T>(hn::Gt(value, zero), lane, e.mask + mask_at + c / 8);
        value = hn::IfThenZeroElse(hn::Le(value, zero), value);  // a NaN stays
      }
      hn::StoreU(value, d, y + at + j);
    }
  for (; c < count; ++c) ref::finish(e, channels, row, first + c, sums[c], y);
}

template <class T>
void gate(const Gate& g, std::int64_t channels, std::int64_t row, std::int64_t first, std::int64_t count,
          const T* sums, T* dx) {
  const hn::ScalableTag<T> d;
  const auto zero = hn::Zero(d);
  const std::int64_t at = row * channels + first, mask_at = row * mask_row_bytes(channels) + first / 8;
  const bool masks = g.reads_mask(), cuts = g.gated && g.rule != ReluRule::gradient;
  std::int64_t c = 0;
  for (; c + step<T> <= count; c += step<T>)
    for (int lane = 0; lane < step<T>; lane += lanes<T>) {
      const std::int64_t j = c + lane;
      auto value = hn::LoadU(d, sums + j);
      if (g.write == Write::add) value = hn::Add(hn::LoadU(d, dx + at + j), value);
      if (masks) value = hn::IfThenElseZero(read_signs<T>(g.mask + mask_at + c / 8, lane), value);
      if (cuts) value = hn::IfThenElseZero(hn::Gt(value, zero), value);
      hn::StoreU(value, d, dx + at + j);
    }
  for (; c < count; ++c) ref::finish(g, channels, row, first + c, sums[c], dx);
}

template <class T>
const FinishLoops<T>* loops() {
  static constexpr FinishLoops<T> all = {epilogue<T>, gate<T>};
  return &all;
}

}  // namespace

const FinishLoops<float>* float_loops() { return loops<float>(); }
const FinishLoops<double>* double_loops() { return loops<double>(); }

}  // namespace backlight::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backlight::cpu {

HWY_EXPORT(float_loops);
HWY_EXPORT(double_loops);

template <>
const FinishLoops<float>& finish_loops<float>() {
  return *HWY_DYNAMIC_DISPATCH(float_loops)();
}
template <>
const FinishLoops<double>& finish_loops<double>() {
  return *HWY_DYNAMIC_DISPATCH(double_loops)();
}

}  // namespace backlight::cpu
#endif
