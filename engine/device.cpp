#include "engine/device.h"

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

Buffer::Buffer(Device, std::size_t bytes) : bytes_(bytes) {
  constexpr std::size_t alignment = 64;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  data_.reset(static_cast<std::byte*>(std::aligned_alloc(alignment, rounded ? rounded : alignment)));
  if (!data_) throw Error("not enough memory: " + std::to_string(bytes) + " bytes were asked for");
}

void Buffer::Release::operator()(std::byte* data) const { std::free(data); }

}  // namespace backlight
