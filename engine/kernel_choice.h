#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/device.h"

namespace backlight {

/// The names of the implementations of every contract on a device, in the order of its table.
std::map<std::string, std::vector<std::string>, std::less<>> implementations(Device device);

/// Which implementation to prefer, by contract. Where it does not take the sizes, the table's order holds.
class KernelChoice {
 public:
  /// "": the tables' own order. "ref": this one wherever there is one of that name.
  /// "conv_forward=ref,relu_backward=vector": these, for these contracts; a plain name may stand among them.
  /// Throws UsageError, which lists what there is, for a contract or an implementation that does not exist.
  /// With `strict`, implementations whose arithmetic is not plain (kernels/implementation.h) are left out;
  /// throws UsageError where the text names one.
  explicit KernelChoice(std::string_view text = {}, Device device = Device::cpu, bool strict = false);

  /// Empty: none.
  std::string_view preferred(std::string_view contract) const;
  bool strict() const { return strict_; }

 private:
  bool strict_;
  std::string everywhere_;
  std::map<std::string, std::string, std::less<>> by_contract_;
};

}  // namespace backlight
