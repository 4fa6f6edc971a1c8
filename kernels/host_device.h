#pragma once

/// Marks a function that the processor and a GPU both run.
#if defined(__CUDACC__)
#define BACKLIGHT_HOST_DEVICE __host__ __device__
#else
#define BACKLIGHT_HOST_DEVICE
#endif
