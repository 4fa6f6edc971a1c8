#include "engine/device.h"

#include <string>

#include "engine/error.h"

namespace backlight {

Device device_from_name(std::string_view name) {
  for (const Device device : all_devices)
    if (to_string(device) == name) return device;
  throw UsageError("device '" + std::string(name) + "': this build has cpu and simt");
}

std::string_view to_string(Device device) { return device == Device::cpu ? "cpu" : "simt"; }

}  // namespace backlight
