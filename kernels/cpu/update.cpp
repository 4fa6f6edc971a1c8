#include "kernels/cpu/parallel.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

constexpr std::int64_t block = 16384;

template <class T>
void sgd(const UpdateSizes& s, const typename SgdUpdate<T>::Rates& rates, const T* dw, T* velocity, T* w,
         const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    ref::sgd_update<T>({end - begin}, rates, dw + begin, velocity + begin, w + begin, {});
  });
}

template <class T>
void adamw(const UpdateSizes& s, const typename AdamWUpdate<T>::Rates& rates, const T* dw, T* m, T* v, T* w,
           const Workers& workers) {
  parallel_blocks(workers, s.count, block, [&](std::int64_t begin, std::int64_t end) {
    ref::adamw_update<T>({end - begin}, rates, dw + begin, m + begin, v + begin, w + begin, {});
  });
}

}  // namespace

BACKLIGHT_TABLE(SgdUpdate, {{"blocks", sgd<T>}, {"ref", ref::sgd_update<T>}})
BACKLIGHT_TABLE(AdamWUpdate, {{"blocks", adamw<T>}, {"ref", ref::adamw_update<T>}})

}  // namespace backlight::cpu
