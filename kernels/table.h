#pragma once

#include "kernels/contracts.h"

/// Defines table<Contract<T>>() of the device in whose namespace it stands, for both precisions; the list is
/// given for the type T.
#define BACKLIGHT_TABLE(Contract, ...)                                         \
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
