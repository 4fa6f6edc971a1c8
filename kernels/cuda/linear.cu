#include "kernels/cuda/gemm.h"

namespace backlight::BACKLIGHT_DEVICE {
namespace {

// y = x·wᵀ, and the epilogue
template <class T>
void linear_forward(const LinearSizes& s, const T* x, const T* w, const Epilogue<T>& epilogue, T* y,
                    const Workers& workers) {
  gemm<T>({1, s.batch, s.out, s.in}, MatrixOperand<T>{x, 0, s.in, 1}, MatrixOperand<T>{w, 0, s.in, 1},
          ForwardOutput<T>{y, s.out, s.out, epilogue}, workers);
}

// dx = dy·w
template <class T>
void linear_backward_data(const LinearSizes& s, const T* dy, const T* w, T* dx, const Gate& gate,
                          const Workers& workers) {
  gemm<T>({1, s.batch, s.in, s.out}, MatrixOperand<T>{dy, 0, s.out, 1}, MatrixOperand<T>{w, 0, 1, s.in},
          DataGradient<T>{dx, s.in, s.in, gate}, workers);
}

// dw = dyᵀ·x, dbias = the sums of dy's columns
template <class T>
void linear_backward_weights(const LinearSizes& s, const T* x, const T* dy, T* dw, T* dbias, Write write,
                             const Workers& workers) {
  gemm<T>({1, s.out, s.in, s.batch}, MatrixOperand<T>{dy, 0, 1, s.out}, MatrixOperand<T>{x, 0, 1, s.in},
          WeightGradient<T>{dw, s.out, s.in, write}, workers);
  if (dbias) column_sums(s.batch, s.out, dy, dbias, write, workers);
}

}  // namespace

BACKLIGHT_TABLE(LinearForward, {{"tiled", linear_forward<T>}})
BACKLIGHT_TABLE(LinearBackwardData, {{"tiled", linear_backward_data<T>}})
BACKLIGHT_TABLE(LinearBackwardWeights, {{"tiled", linear_backward_weights<T>}})

}  // namespace backlight::BACKLIGHT_DEVICE
