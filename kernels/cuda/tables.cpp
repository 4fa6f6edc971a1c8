#include "kernels/cuda/kernels.h"

namespace backlight {
namespace {

/// A contract with one kernel so far: its table has one row, called "tiled" where the kernel is the tiled
/// matrix product and "simple" where it has a thread per element.
template <class Contract>
Table<Contract> one(std::string_view name, typename Contract::Run run) {
  static const Implementation<Contract> table[] = {{.name = name, .run = run}};
  return table;
}

}  // namespace

#define BACKLIGHT_SIMT_TABLE(Contract, name, function)      \
  template <>                                               \
  Table<Contract<float>> simt::table<Contract<float>>() {   \
    return one<Contract<float>>(name, function<float>);     \
  }                                                         \
  template <>                                               \
  Table<Contract<double>> simt::table<Contract<double>>() { \
    return one<Contract<double>>(name, function<double>);   \
  }
BACKLIGHT_SIMT_TABLE(ReluForward, "simple", simt::relu_forward)
BACKLIGHT_SIMT_TABLE(ReluReplay, "simple", simt::relu_replay)
BACKLIGHT_SIMT_TABLE(ReluBackward, "simple", simt::relu_backward)
BACKLIGHT_SIMT_TABLE(Add, "simple", simt::add)
BACKLIGHT_SIMT_TABLE(Accumulate, "simple", simt::accumulate)
BACKLIGHT_SIMT_TABLE(MaxPoolForward, "simple", simt::max_pool_forward)
BACKLIGHT_SIMT_TABLE(MaxPoolReplay, "simple", simt::max_pool_replay)
BACKLIGHT_SIMT_TABLE(MaxPoolBackward, "simple", simt::max_pool_backward)
BACKLIGHT_SIMT_TABLE(LinearForward, "tiled", simt::linear_forward)
BACKLIGHT_SIMT_TABLE(LinearBackwardData, "tiled", simt::linear_backward_data)
BACKLIGHT_SIMT_TABLE(LinearBackwardWeights, "tiled", simt::linear_backward_weights)
BACKLIGHT_SIMT_TABLE(ConvForward, "tiled", simt::conv_forward)
BACKLIGHT_SIMT_TABLE(ConvBackwardData, "tiled", simt::conv_backward_data)
BACKLIGHT_SIMT_TABLE(ConvBackwardWeights, "tiled", simt::conv_backward_weights)
#undef BACKLIGHT_SIMT_TABLE

}  // namespace backlight
