#pragma once

#include <cstdint>

namespace backlight::cpu {

/// Cuts float32 numbers into three bf16 numbers (8 bits of significand each) whose sum they are:
///
///   a0 = bf16(a),   a1 = bf16(a − a0),   a2 = a − a0 − a1,   rounded to nearest, ties to even
///
/// A part below 2⁻¹²⁶ is 0, as tile registers count it. A number too large to be rounded up is cut off
/// instead; an infinite one becomes NaN in the second part, and so does what is summed with it.
/// `numbers` holds `pieces` times 32; part p of piece i lies at to + p·plane_stride + i·piece_stride.
using SplitLoop = void (*)(const float* numbers, std::int64_t pieces, std::uint16_t* to,
                           std::int64_t piece_stride, std::int64_t plane_stride);

/// For the instruction set that this processor has.
SplitLoop bf16_split();

}  // namespace backlight::cpu
