#pragma once

#include <map>
#include <string>
#include <type_traits>

#include "kernels/contracts.h"

namespace backlight {

/// What is worth measuring: only convolutions have several fast kernels.
template <class Contract>
constexpr bool is_tunable =
    std::is_same_v<Contract, ConvForward<float>> || std::is_same_v<Contract, ConvBackwardData<float>>;

/// Which kernel is the fastest, measured instead of foretold by the tables' rules. The first call for a
/// convolution times every implementation but the reference on numbers of its own; later ones, of whatever
/// batch and number of threads, get the same answer, so that an image's bits depend on neither.
class Tuning {
 public:
  /// Null where no implementation takes these sizes. `plain`: as in choose().
  template <class Contract>
  const Implementation<Contract>* fastest(Table<Contract> table, const ConvSizes& sizes,
                                          const Machine& machine, bool plain);

  /// The names of the fastest, by "conv_forward 3x3 56x56x64 56x56x64 stride 1x1 …"; `strict` comes first
  /// where only plain ones counted.
  std::map<std::string, std::string>& known() { return known_; }
  const std::map<std::string, std::string>& known() const { return known_; }
  int measured() const { return measured_; }   // of the known, by this object
  double seconds() const { return seconds_; }  // that it took

 private:
  std::map<std::string, std::string> known_;
  int measured_ = 0;
  double seconds_ = 0;
};

}  // namespace backlight
