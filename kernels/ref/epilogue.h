#pragma once

#include "kernels/epilogue.h"

namespace backlight::ref {

/// y of one row and channel from its finished sum. The channels of a row come in ascending order.
template <class T>
void finish(const Epilogue<T>& epilogue, std::int64_t channels, std::int64_t row, std::int64_t channel, T sum,
            T* y) {
  const std::int64_t element = row * channels + channel, mask_row = row * mask_row_bytes(channels);
  const T value = epilogue.value(sum, element, channel);
  const bool positive = epilogue.positive(value, epilogue.held ? epilogue.held + mask_row : nullptr, channel);
  y[element] = epilogue.result(value, positive);
  if (!epilogue.relu || !epilogue.mask) return;
  std::uint8_t& signs = epilogue.mask[mask_row + channel / 8];
  if (channel % 8 == 0) signs = 0;
  signs = static_cast<std::uint8_t>(signs | positive << channel % 8);
}

/// dx of one row and channel from its finished sum.
template <class T>
void finish(const Gate& gate, std::int64_t channels, std::int64_t row, std::int64_t channel, T sum, T* dx) {
  const std::int64_t element = row * channels + channel;
  const std::uint8_t* mask_row = gate.reads_mask() ? gate.mask + row * mask_row_bytes(channels) : nullptr;
  dx[element] = gate.result(sum, gate.write == Write::add ? dx[element] : T(0), mask_row, channel);
}

}  // namespace backlight::ref
