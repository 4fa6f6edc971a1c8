#include "kernels/cuda/index.h"

namespace backlight::BACKLIGHT_DEVICE {
namespace {

template <class T>
__global__ void add_kernel(std::int64_t count, const T* a, const T* b, T* y) {
  const std::int64_t i = element_index();
  if (i < count) y[i] = a[i] + b[i];
}

template <class T>
__global__ void accumulate_kernel(std::int64_t count, const T* x, T* y, Write write) {
  const std::int64_t i = element_index();
  if (i < count) put(y + i, x[i], write);
}

template <class T>
void add(const ElementwiseSizes& s, const T* a, const T* b, T* y, const Workers& workers) {
  if (s.count == 0) return;
  launch(add_kernel<T>, blocks_for(s.count), block_threads, 0, stream_of(workers), s.count, a, b, y);
}

template <class T>
void accumulate(const ElementwiseSizes& s, const T* x, T* y, Write write, const Workers& workers) {
  if (s.count == 0) return;
  launch(accumulate_kernel<T>, blocks_for(s.count), block_threads, 0, stream_of(workers), s.count, x, y,
         write);
}

}  // namespace

BACKLIGHT_TABLE(Add, {{"simple", add<T>}})
BACKLIGHT_TABLE(Accumulate, {{"simple", accumulate<T>}})

}  // namespace backlight::BACKLIGHT_DEVICE
