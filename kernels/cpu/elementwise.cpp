#include "kernels/cpu/parallel.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

constexpr std::int64_t block = 16384;

template <class T>
void add(const ElementwiseSizes& s, const T* a, const T* b, T* y, const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    ref::add<T>({end - begin}, a + begin, b + begin, y + begin, {});
  });
}

template <class T>
void accumulate(const ElementwiseSizes& s, const T* x, T* y, Write write, const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    ref::accumulate<T>({end - begin}, x + begin, y + begin, write, {});
  });
}

}  // namespace

BACKLIGHT_TABLE(Add, {{"blocks", add<T>}, {"ref", ref::add<T>}})
BACKLIGHT_TABLE(Accumulate, {{"blocks", accumulate<T>}, {"ref", ref::accumulate<T>}})

}  // namespace backlight::cpu
