#pragma once

#include "kernels/contracts.h"
#include "kernels/ref.h"

/// Defines cpu::table<Contract<T>>() for both precisions; the list is given for the type T.
#define BACKLIGHT_CPU_TABLE(Contract, ...)                                     \
  template <class T>                                                           \
  static const Implementation<Contract<T>> Contract##_entries[] = __VA_ARGS__; \
  template <>                                                                  \
  Table<Contract<float>> table<Contract<float>>() {                            \
    return Contract##_entries<float>;                                          \
  }                                                                            \
  template <>                                                                  \
  Table<Contract<double>> table<Contract<double>>() {                          \
    return Contract##_entries<double>;                                         \
  }
