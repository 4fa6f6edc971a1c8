#pragma once

#include <cstddef>
#include <memory>

#include "engine/device.h"

namespace backlight {

/// The memory of one device: all that ever crosses between it and the host's goes through here.
class Memory {
 public:
  virtual ~Memory() = default;
  /// 64-byte aligned, not initialised; null where there is not enough.
  virtual std::byte* allocate(std::size_t bytes) = 0;
  virtual void release(std::byte* data) = 0;
  /// From the host, to the host, and zeros: in order with the kernels of the device. After `download` and
  /// `synchronise` the host sees what was done.
  virtual void upload(const void* host, std::byte* device, std::size_t bytes) = 0;
  virtual void download(const std::byte* device, void* host, std::size_t bytes) = 0;
  virtual void clear(std::byte* device, std::size_t bytes) = 0;
  virtual void synchronise() = 0;
  /// Bytes that can still be allocated without harm to others, as far as the machine says.
  virtual std::size_t available() const = 0;
};

Memory& memory_of(Device device);

/// Gives memory back to the device that it is on.
struct ReleaseMemory {
  Device device = Device::cpu;
  void operator()(std::byte* data) const { memory_of(device).release(data); }
};

/// Owned memory on a device, 64-byte aligned and not initialised. Throws Error where there is not enough.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Device device, std::size_t bytes);
  std::byte* data() const { return data_.get(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::unique_ptr<std::byte, ReleaseMemory> data_;
  std::size_t bytes_ = 0;
};

}  // namespace backlight
