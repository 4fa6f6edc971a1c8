#pragma once

#include "kernels/channel.h"
#include "kernels/conv.h"
#include "kernels/elementwise.h"
#include "kernels/layout.h"
#include "kernels/linear.h"
#include "kernels/pool.h"
#include "kernels/relu.h"
#include "kernels/shortcut.h"
#include "kernels/softmax.h"
#include "kernels/update.h"

/// Every contract there is, an operation a line.
// clang-format off
#define BACKLIGHT_FOR_EACH_CONTRACT(DO)                                                                      \
  DO(ConvForward) DO(ConvBackwardData) DO(ConvBackwardWeights)                                               \
  DO(LinearForward) DO(LinearBackwardData) DO(LinearBackwardWeights)                                         \
  DO(ReluForward) DO(ReluReplay) DO(ReluBackward)                                                            \
  DO(MaxPoolForward) DO(MaxPoolReplay) DO(MaxPoolBackward)                                                   \
  DO(AveragePoolForward) DO(AveragePoolBackward)                                                             \
  DO(Add) DO(Accumulate)                                                                                     \
  DO(ChannelAffine) DO(NormScale) DO(RunningMoments) DO(ChannelMoments) DO(NormGradientSums) DO(NormBackward) \
  DO(ToChannelsLast) DO(ToChannelsFirst)                                                                     \
  DO(ShortcutForward) DO(ShortcutBackward)                                                                   \
  DO(SoftmaxForward) DO(SoftmaxBackward)                                                                     \
  DO(CrossEntropyForward) DO(CrossEntropyBackward) DO(SoftCrossEntropyForward) DO(SoftCrossEntropyBackward)  \
  DO(SgdUpdate) DO(AdamWUpdate)
// clang-format on

namespace backlight {

/// The implementations of a contract for the processor. Never empty: the last entry is the reference.
namespace cpu {
template <class Contract>
Table<Contract> table();
}

/// The CUDA kernels of a contract, run on the processor by the SIMT shim. Empty where there is none yet.
namespace simt {
template <class Contract>
Table<Contract> table() {
  return {};
}
}  // namespace simt

// Each table is defined beside the kernels it lists: kernels/cpu/<op>.cpp, kernels/cuda/tables.cpp.
#define BACKLIGHT_DECLARE_CPU_TABLE(Contract)           \
  template <>                                           \
  Table<Contract<float>> cpu::table<Contract<float>>(); \
  template <>                                           \
  Table<Contract<double>> cpu::table<Contract<double>>();
BACKLIGHT_FOR_EACH_CONTRACT(BACKLIGHT_DECLARE_CPU_TABLE)
#undef BACKLIGHT_DECLARE_CPU_TABLE

#define BACKLIGHT_DECLARE_SIMT_TABLE(Contract)           \
  template <>                                            \
  Table<Contract<float>> simt::table<Contract<float>>(); \
  template <>                                            \
  Table<Contract<double>> simt::table<Contract<double>>();
BACKLIGHT_DECLARE_SIMT_TABLE(ReluForward)
BACKLIGHT_DECLARE_SIMT_TABLE(ReluReplay)
BACKLIGHT_DECLARE_SIMT_TABLE(ReluBackward)
BACKLIGHT_DECLARE_SIMT_TABLE(Add)
BACKLIGHT_DECLARE_SIMT_TABLE(Accumulate)
BACKLIGHT_DECLARE_SIMT_TABLE(MaxPoolForward)
BACKLIGHT_DECLARE_SIMT_TABLE(MaxPoolReplay)
BACKLIGHT_DECLARE_SIMT_TABLE(MaxPoolBackward)
BACKLIGHT_DECLARE_SIMT_TABLE(LinearForward)
BACKLIGHT_DECLARE_SIMT_TABLE(LinearBackwardData)
BACKLIGHT_DECLARE_SIMT_TABLE(LinearBackwardWeights)
BACKLIGHT_DECLARE_SIMT_TABLE(ConvForward)
BACKLIGHT_DECLARE_SIMT_TABLE(ConvBackwardData)
BACKLIGHT_DECLARE_SIMT_TABLE(ConvBackwardWeights)
#undef BACKLIGHT_DECLARE_SIMT_TABLE

}  // namespace backlight
