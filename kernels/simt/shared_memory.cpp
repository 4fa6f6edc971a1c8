#include "kernels/simt/shared_memory.h"

#include <cstring>
#include <string>

#include "kernels/simt/sanitizer.h"
#include "kernels/simt/simt.h"

namespace backlight::simt {
namespace {

constexpr std::size_t limit = std::size_t{48} << 10;
constexpr std::size_t gap = 64;  // between arrays
constexpr std::size_t most_arrays = 64;
constexpr std::size_t capacity = limit + (most_arrays + 1) * 2 * gap;

}  // namespace

SharedMemory::SharedMemory() : memory_(new std::byte[capacity]) { poison(memory_.get(), capacity); }

SharedMemory::~SharedMemory() { unpoison(memory_.get(), capacity); }

void SharedMemory::start_block() {
  poison(memory_.get(), used_);
  used_ = asked_ = 0;
  arrays_.clear();
  dynamic_ = take(dynamic_bytes_);
}

void* SharedMemory::array(const void* declaration, std::size_t bytes) {
  for (const Array& array : arrays_)
    if (array.declaration == declaration) return array.memory;
  arrays_.push_back({declaration, take(bytes)});
  return arrays_.back().memory;
}

void* SharedMemory::take(std::size_t bytes) {
  asked_ += bytes;
  if (asked_ > limit || arrays_.size() == most_arrays)
    throw Error("shared memory: a block has " + std::to_string(limit) + " bytes, this one wants " +
                std::to_string(asked_));
  void* memory = memory_.get() + used_ + gap;
  used_ += gap + (bytes + gap - 1) / gap * gap;
  unpoison(memory, bytes);
  std::memset(memory, 0xff, bytes);
  return memory;
}

}  // namespace backlight::simt
