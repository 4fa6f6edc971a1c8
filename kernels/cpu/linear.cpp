#include "kernels/cpu/epilogue.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/parallel.h"
#include "kernels/ref.h"
#include "kernels/table.h"

namespace backlight::cpu {
namespace {

template <class T>
using Vector = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstVector = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>;

// Matrix times vector, image by image: a product over the whole batch would add in another order for another
// batch. The images of a batch share each block of weights while it is in the cache.
constexpr std::int64_t row_block = 32, column_block = 512;  // multiples of 8: whole bytes of a mask

template <class T>
void forward(const LinearSizes& s, const T* x, const T* w, const Epilogue<T>& epilogue, T* y,
             const Workers& workers) {
  parallel_blocks(workers, s.out, row_block, [&](std::int64_t begin, std::int64_t end) {
    const auto rows = matrix(w + begin * s.in, end - begin, s.in, s.in);
    T sums[row_block];
    for (std::int64_t n = 0; n < s.batch; ++n) {
      Vector<T> sum(sums, end - begin);
      sum.setZero();
      sum.noalias() += rows * ConstVector<T>(x + n * s.in, s.in);
      finish(epilogue, s.out, n, begin, end - begin, sums, y);
    }
  });
}

template <class T>
void backward_data(const LinearSizes& s, const T* dy, const T* w, T* dx, const Gate& gate,
                   const Workers& workers) {
  parallel_blocks(workers, s.in, column_block, [&](std::int64_t begin, std::int64_t end) {
    const auto columns = matrix(w + begin, s.out, end - begin, s.in);
    T sums[column_block];
    for (std::int64_t n = 0; n < s.batch; ++n) {
      Vector<T> sum(sums, end - begin);
      sum.setZero();
      sum.noalias() += columns.transpose() * ConstVector<T>(dy + n * s.out, s.out);
      finish(gate, s.in, n, begin, end - begin, sums, dx);
    }
  });
}

template <class T>
void backward_weights(const LinearSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                      const Workers& workers) {
  parallel_blocks(workers, s.out, row_block, [&](std::int64_t begin, std::int64_t end) {
    auto rows = matrix(dw + begin * s.in, end - begin, s.in, s.in);
    if (write == Write::set) rows.setZero();
    rows.noalias() +=
        matrix(dy + begin, s.batch, end - begin, s.out).transpose() * matrix(x, s.batch, s.in, s.in);
  });
  if (!dbias) return;
  Vector<T> bias(dbias, s.out);
  if (write == Write::set) bias.setZero();
  for (std::int64_t n = 0; n < s.batch; ++n) bias += ConstVector<T>(dy + n * s.out, s.out);
}

}  // namespace

BACKLIGHT_TABLE(LinearForward, {{"gemv", forward<T>}, {"ref", ref::linear_forward<T>}})
BACKLIGHT_TABLE(LinearBackwardData, {{"gemv", backward_data<T>}, {"ref", ref::linear_backward_data<T>}})
BACKLIGHT_TABLE(LinearBackwardWeights,
                {{"gemm", backward_weights<T>}, {"ref", ref::linear_backward_weights<T>}})

}  // namespace backlight::cpu
