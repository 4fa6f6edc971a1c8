# The CUDA kernels, kernels/cuda/*.cu. They are always compiled as C++ over the simulated GPU of kernels/simt/, as part of
# backlight_kernels.
# Where there is a CUDA compiler it compiles the very same files as well, so that both are known to take them.
file(GLOB cuda_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/kernels/cuda/*.cu)
set_source_files_properties(${cuda_sources} PROPERTIES LANGUAGE CXX)
target_sources(backlight_kernels PRIVATE ${cuda_sources})

if(NOT DEFINED BACKLIGHT_CUDA)
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    set(has_cuda ON)
  endif()
endif()
option(BACKLIGHT_CUDA "Compile the CUDA kernels with nvcc too (default: where there is one)" ${has_cuda})
if(BACKLIGHT_CUDA)
  add_subdirectory(kernels/cuda)  # a source file has one language per folder: in that one it is CUDA
endif()
