#include "engine/device.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "engine/error.h"

namespace backlight {

Device device_from_name(std::string_view name) {
  for (const Device device : {Device::cpu, Device::simt})
    if (to_string(device) == name) return device;
  throw UsageError("device '" + std::string(name) + "': this build has cpu and simt");
}

std::string_view to_string(Device device) { return device == Device::cpu ? "cpu" : "simt"; }

void check_kernel(Device device, std::string_view name) {
  const auto lists = [&](const auto& table) {
    return std::any_of(table.begin(), table.end(), [&](const auto& entry) { return entry.name == name; });
  };
#define BACKLIGHT_LISTED(Contract) || lists(table<Contract<float>>(device))
  const bool known = name.empty() BACKLIGHT_FOR_EACH_CONTRACT(BACKLIGHT_LISTED);
#undef BACKLIGHT_LISTED
  if (!known)
    throw UsageError("kernel '" + std::string(name) + "': no table of device " +
                     std::string(to_string(device)) + " has an implementation of this name");
}

Buffer::Buffer(Device, std::size_t bytes) : bytes_(bytes) {
  constexpr std::size_t alignment = 64;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, rounded ? rounded : alignment)));
  if (!data_) throw Error("not enough memory: " + std::to_string(bytes) + " bytes were asked for");
}

void Buffer::Release::operator()(std::byte* data) const { std::free(data); }

}  // namespace backlight
