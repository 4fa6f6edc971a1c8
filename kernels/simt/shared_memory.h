#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace backlight::simt {

/// The shared memory of one block: the dynamic part, then every SIMT_SHARED array at its first use. All bits
/// of it are one when a block begins (NaN, −1), as nothing clears it on a GPU either; and with
/// AddressSanitizer each array lies between poisoned bytes. At most 48 KiB, what a kernel gets on a GPU
/// without asking.
class SharedMemory {
 public:
  SharedMemory();
  ~SharedMemory();

  void resize_dynamic(std::size_t bytes) { dynamic_bytes_ = bytes; }
  void start_block();
  /// The array of a declaration, the same for every thread of the block.
  void* array(const void* declaration, std::size_t bytes);
  void* dynamic() { return dynamic_; }

 private:
  void* take(std::size_t bytes);

  struct Array {
    const void* declaration;
    void* memory;
  };
  std::unique_ptr<std::byte[]> memory_;
  std::size_t used_ = 0, asked_ = 0;  // with the bytes between the arrays, and without
  std::size_t dynamic_bytes_ = 0;
  void* dynamic_ = nullptr;
  std::vector<Array> arrays_;
};

}  // namespace backlight::simt
