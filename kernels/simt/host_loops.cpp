// Contracts that have no CUDA kernel yet. A contract is listed here or at the end of a .cu file: in neither
// it is missing when the program is linked, in both it is there twice.
#include <utility>

#include "kernels/simt/simt.h"
#include "kernels/table.h"

namespace backlight::simt {
namespace {

/// The processor's reference loop, run by one thread in a launch of one block: it keeps its place in the
/// order of launches, as a kernel would.
template <class Contract>
Bound<Contract> host_loop(const typename Contract::Sizes& sizes, const Machine& machine) {
  Bound<Contract> bound = cpu::table<Contract>().back().bind(sizes, machine);
  bound.run = [loop = std::move(bound.run)](const auto&... arguments) {
    run_grid(1, 1, 0, {}, [&] { loop(arguments...); });
  };
  return bound;
}

}  // namespace

#define BACKLIGHT_HOST_LOOP(Contract) BACKLIGHT_TABLE(Contract, {{"host", host_loop<Contract<T>>}})
BACKLIGHT_HOST_LOOP(AveragePoolForward)
BACKLIGHT_HOST_LOOP(AveragePoolBackward)
BACKLIGHT_HOST_LOOP(ChannelAffine)
BACKLIGHT_HOST_LOOP(NormScale)
BACKLIGHT_HOST_LOOP(RunningMoments)
BACKLIGHT_HOST_LOOP(ChannelMoments)
BACKLIGHT_HOST_LOOP(NormGradientSums)
BACKLIGHT_HOST_LOOP(NormBackward)
BACKLIGHT_HOST_LOOP(ToChannelsLast)
BACKLIGHT_HOST_LOOP(ToChannelsFirst)
BACKLIGHT_HOST_LOOP(ShortcutForward)
BACKLIGHT_HOST_LOOP(ShortcutBackward)
BACKLIGHT_HOST_LOOP(SoftmaxForward)
BACKLIGHT_HOST_LOOP(SoftmaxBackward)
BACKLIGHT_HOST_LOOP(CrossEntropyForward)
BACKLIGHT_HOST_LOOP(CrossEntropyBackward)
BACKLIGHT_HOST_LOOP(SoftCrossEntropyForward)
BACKLIGHT_HOST_LOOP(SoftCrossEntropyBackward)
BACKLIGHT_HOST_LOOP(SgdUpdate)
BACKLIGHT_HOST_LOOP(AdamWUpdate)
#undef BACKLIGHT_HOST_LOOP

}  // namespace backlight::simt
