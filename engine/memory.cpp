#include "engine/memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>

#include "engine/error.h"

namespace backlight {
namespace {

/// What the kernel says is free or can be freed (proc(5), MemAvailable), but not more than what the control
/// group of this process may still take (the kernel's cgroup-v2.rst, memory.max).
std::size_t available_on_host() {
  std::size_t available = std::numeric_limits<std::size_t>::max();
  std::ifstream information("/proc/meminfo");
  for (std::string line; std::getline(information, line);)
    if (line.starts_with("MemAvailable:")) available = std::strtoull(line.c_str() + 13, nullptr, 10) << 10;
  std::size_t most = 0, used = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> most &&
      std::ifstream("/sys/fs/cgroup/memory.current") >> used)
    available = std::min(available, most - std::min(used, most));
  return available;
}

/// The host's own memory. The SIMT shim's is another object of the same kind: the processor can read it, but
/// a tensor that lives there does not let the host do so.
class HostMemory : public Memory {
 public:
  std::byte* allocate(std::size_t bytes) override {
    constexpr std::size_t line = 64, large_page = std::size_t{2} << 20;
    const bool large = bytes >= 2 * large_page;
    const std::size_t alignment = large ? large_page : line,
                      rounded = std::max<std::size_t>(1, (bytes + alignment - 1) / alignment) * alignment;
    void* const data = std::aligned_alloc(alignment, rounded);
    // 500 MB of small pages take longer to come by than to fill. Where there are no large ones, nothing is
    // lost.
    if (large && data) ::madvise(data, rounded, MADV_HUGEPAGE);
    return static_cast<std::byte*>(data);
  }
  void release(std::byte* data) override { std::free(data); }
  void upload(const void* host, std::byte* device, std::size_t bytes) override {
    if (bytes) std::memcpy(device, host, bytes);
  }
  void download(const std::byte* device, void* host, std::size_t bytes) override {
    if (bytes) std::memcpy(host, device, bytes);
  }
  void clear(std::byte* device, std::size_t bytes) override { std::fill_n(device, bytes, std::byte{0}); }
  void synchronise() override {}
  std::size_t available() const override { return available_on_host(); }
};

}  // namespace

Memory& memory_of(Device device) {
  static HostMemory memories[std::size(all_devices)];
  return memories[static_cast<std::size_t>(device)];
}

Buffer::Buffer(Device device, std::size_t bytes)
    : data_(memory_of(device).allocate(bytes), ReleaseMemory{device}), bytes_(bytes) {
  if (!data_) throw Error("not enough memory: " + std::to_string(bytes) + " bytes were asked for");
}

}  // namespace backlight
