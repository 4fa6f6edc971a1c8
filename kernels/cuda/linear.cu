#include "kernels/cuda/gemm.h"

namespace backlight::BACKLIGHT_DEVICE {

// y = x·wᵀ + bias
template <class T>
void linear_forward(const LinearSizes& s, const T* x, const T* w, const T* bias, T* y,
                    const Workers& workers) {
  gemm<T>({1, s.batch, s.out, s.in}, MatrixOperand<T>{x, 0, s.in, 1}, MatrixOperand<T>{w, 0, s.in, 1},
          {y, 0, s.out, bias, Write::set}, workers);
}

// dx = dy·w
template <class T>
void linear_backward_data(const LinearSizes& s, const T* dy, const T* w, T* dx, Write write,
                          const Workers& workers) {
  gemm<T>({1, s.batch, s.in, s.out}, MatrixOperand<T>{dy, 0, s.out, 1}, MatrixOperand<T>{w, 0, 1, s.in},
          {dx, 0, s.in, nullptr, write}, workers);
}

// dw = dyᵀ·x, dbias = the sums of dy's columns
template <class T>
void linear_backward_weights(const LinearSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                             const Workers& workers) {
  gemm<T>({1, s.out, s.in, s.batch}, MatrixOperand<T>{dy, 0, 1, s.out}, MatrixOperand<T>{x, 0, 1, s.in},
          {dw, 0, s.in, nullptr, write}, workers);
  if (dbias) column_sums(s.batch, s.out, dy, dbias, write, workers);
}

BACKLIGHT_INSTANTIATE(linear_forward)
BACKLIGHT_INSTANTIATE(linear_backward_data)
BACKLIGHT_INSTANTIATE(linear_backward_weights)

}  // namespace backlight::BACKLIGHT_DEVICE
