#pragma once

// What every .cu file stands on: the compiler's dialect, and the namespace of the device that it compiles
// for. nvcc makes the kernels `backlight::cuda`, the C++ compiler `backlight::simt`: one program may hold
// both. At its end a file lists its kernels with BACKLIGHT_TABLE: that line is all that a new kernel needs to
// be known.

#include "kernels/simt/simt.h"
#include "kernels/table.h"

#if defined(__CUDACC__)
#define BACKLIGHT_DEVICE cuda
namespace backlight::cuda {
template <class Contract>
Table<Contract> table();
}
#else
#define BACKLIGHT_DEVICE simt
#endif
