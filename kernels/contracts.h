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

// The tables of each device. None is ever empty. Each is defined beside the kernels that it lists.

/// The implementations of a contract for the processor; the last is the reference.
namespace cpu {
template <class Contract>
Table<Contract> table();
}

/// The CUDA kernels of a contract, run on the processor by the simulated GPU of kernels/simt/. A contract
/// that has none yet has the one entry "host": the processor's reference loop, as a launch of one thread.
namespace simt {
template <class Contract>
Table<Contract> table();
}

#define BACKLIGHT_DECLARE_TABLES(Contract)                \
  template <>                                             \
  Table<Contract<float>> cpu::table<Contract<float>>();   \
  template <>                                             \
  Table<Contract<double>> cpu::table<Contract<double>>(); \
  template <>                                             \
  Table<Contract<float>> simt::table<Contract<float>>();  \
  template <>                                             \
  Table<Contract<double>> simt::table<Contract<double>>();
BACKLIGHT_FOR_EACH_CONTRACT(BACKLIGHT_DECLARE_TABLES)
#undef BACKLIGHT_DECLARE_TABLES

}  // namespace backlight
