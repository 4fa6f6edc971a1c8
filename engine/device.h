#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "kernels/contracts.h"

namespace backlight {

/// Where tensors live and kernels run. `simt` runs the CUDA kernels on the processor, thread by thread as
/// fibers.
enum class Device { cpu, simt };

/// "cpu", "simt". Throws UsageError for a name that is no device of this build.
Device device_from_name(std::string_view name);
std::string_view to_string(Device device);

/// Throws UsageError where no table of the device has an implementation of this name ("ref", "im2col").
/// Empty: any will do.
void check_kernel(Device device, std::string_view name);

/// Owned memory on a device, 64-byte aligned and not initialised. Throws Error where there is not enough.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Device device, std::size_t bytes);
  std::byte* data() const { return data_.get(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Release {
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Release> data_;
  std::size_t bytes_ = 0;
};

/// The implementations of a contract on a device. What has no CUDA kernel yet runs on the processor: the
/// memory of `simt` is the host's.
template <class Contract>
Table<Contract> table(Device device) {
  if (device == Device::simt && !simt::table<Contract>().empty()) return simt::table<Contract>();
  return cpu::table<Contract>();
}

}  // namespace backlight
