#pragma once

// The CUDA kernels as the host calls them: one function per contract (kernels/<op>.h says what it does), for
// float and double. nvcc makes them `backlight::cuda`, the C++ compiler `backlight::simt`: one program may
// hold both.

#include "kernels/contracts.h"

#if defined(__CUDACC__)
#define BACKLIGHT_DEVICE cuda
#else
#define BACKLIGHT_DEVICE simt
#endif

/// At the end of a .cu file: compiles a function of it for both element types.
#define BACKLIGHT_INSTANTIATE(function)               \
  template decltype(function<float>) function<float>; \
  template decltype(function<double>) function<double>;

namespace backlight::BACKLIGHT_DEVICE {

template <class T>
void relu_forward(const ReluSizes&, const T* x, T* y, std::uint8_t* mask, const Workers&);
template <class T>
void relu_replay(const ReluSizes&, const T* x, const std::uint8_t* mask, T* y, const Workers&);
template <class T>
void relu_backward(const ReluSizes&, ReluRule, const T* dy, const std::uint8_t* mask, T* dx, Write,
                   const Workers&);

template <class T>
void add(const ElementwiseSizes&, const T* a, const T* b, T* y, const Workers&);
template <class T>
void accumulate(const ElementwiseSizes&, const T* x, T* y, Write, const Workers&);

template <class T>
void max_pool_forward(const PoolSizes&, const T* x, T* y, std::uint8_t* winners, const Workers&);
template <class T>
void max_pool_replay(const PoolSizes&, const T* x, const std::uint8_t* winners, T* y, const Workers&);
template <class T>
void max_pool_backward(const PoolSizes&, const T* dy, const std::uint8_t* winners, T* dx, Write,
                       const Workers&);

template <class T>
void linear_forward(const LinearSizes&, const T* x, const T* w, const T* bias, T* y, const Workers&);
template <class T>
void linear_backward_data(const LinearSizes&, const T* dy, const T* w, T* dx, Write, const Workers&);
template <class T>
void linear_backward_weights(const LinearSizes&, const T* x, const T* dy, T* dw, T* dbias, Write,
                             const Workers&);

template <class T>
void conv_forward(const ConvSizes&, const T* x, const T* w, const T* bias, T* y, const Workers&);
template <class T>
void conv_backward_data(const ConvSizes&, const T* dy, const T* w, T* dx, Write, const Workers&);
template <class T>
void conv_backward_weights(const ConvSizes&, const T* x, const T* dy, T* dw, T* dbias, Write, const Workers&);

}  // namespace backlight::BACKLIGHT_DEVICE
