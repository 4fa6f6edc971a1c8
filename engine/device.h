#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/contracts.h"

namespace backlight {

/// Where tensors live and kernels run. `simt` runs the CUDA kernels on the processor, thread by thread as
/// fibers.
enum class Device : std::uint8_t { cpu, simt };
inline constexpr Device all_devices[] = {Device::cpu, Device::simt};

/// "cpu", "simt". Throws UsageError for a name that is no device of this build.
Device device_from_name(std::string_view name);
std::string_view to_string(Device device);

/// The implementations of a contract on a device.
template <class Contract>
Table<Contract> table(Device device) {
  return device == Device::simt ? simt::table<Contract>() : cpu::table<Contract>();
}

}  // namespace backlight
