#include "kernels/cpu/bf16_split.h"

#include "kernels/cpu/targets.h"
#include "kernels/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/cpu/bf16_split.cpp"
#include <hwy/foreach_target.h>
// After foreach_target:
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace backlight::cpu::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// The nearest number whose lower 16 bits are 0, as bits.
template <class V>
HWY_INLINE auto to_bf16(V number) {
  const hn::DFromV<V> df;
  const hn::RebindToUnsigned<decltype(df)> du;
  const auto exponent = hn::Set(du, 0x7f800000u), upper = hn::Set(du, 0xffff0000u);
  const auto bits = hn::BitCast(du, number);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1u));
  const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7fffu)));
  const auto overflows = hn::Eq(hn::And(rounded, exponent), exponent);
  const auto part = hn::And(hn::IfThenElse(overflows, bits, rounded), upper);
  const auto tiny = hn::Eq(hn::And(part, exponent), hn::Zero(du));
  return hn::IfThenZeroElse(tiny, part);
}

void split(const float* numbers, std::int64_t pieces, std::uint16_t* to, std::int64_t piece_stride,
           std::int64_t plane_stride) {
  constexpr std::int64_t piece = tile_depth;
  const hn::ScalableTag<float> df;
  const hn::Rebind<std::uint16_t, decltype(df)> d16;
  constexpr auto lanes = static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<float>()));
  for (std::int64_t i = 0; i < pieces; ++i)
    for (std::int64_t k = 0; k < piece; k += lanes) {
      auto rest = hn::LoadU(df, numbers + i * piece + k);
      for (int plane = 0; plane < planes; ++plane) {
        const auto part = to_bf16(rest);
        hn::StoreU(hn::TruncateTo(d16, hn::ShiftRight<16>(part)), d16,
                   to + plane * plane_stride + i * piece_stride + k);
        rest = hn::Sub(rest, hn::BitCast(df, part));
      }
    }
}

}  // namespace

SplitLoop split_loop() { return split; }

}  // namespace backlight::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace backlight::cpu {

HWY_EXPORT(split_loop);

SplitLoop bf16_split() { return HWY_DYNAMIC_DISPATCH(split_loop)(); }

}  // namespace backlight::cpu
#endif
