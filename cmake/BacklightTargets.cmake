# What every target of the project is compiled with, and how a folder becomes a library.

function(backlight_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
  # Two false alarms of g++ 12 in the compiler's own headers: the AVX-512 intrinsics and std::string's operator+ (GCC bug
  # 105651).
  target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized -Wno-restrict)
  if(BACKLIGHT_WARNINGS_ARE_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  # A sum is contracted to fused multiply-adds only where the code says so: strict IEEE arithmetic everywhere else.
  target_compile_options(${target} PRIVATE -ffp-contract=off)
  if(BACKLIGHT_SANITIZE)
    # A null pointer ends in AddressSanitizer's report anyway, and checking it and the dynamic type at every access is
    # a third of the time that compiling takes.
    target_compile_options(${target} PRIVATE -fsanitize=${BACKLIGHT_SANITIZE} -fno-sanitize=null,vptr
                                             -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${BACKLIGHT_SANITIZE})
  endif()
endfunction()

# backlight_library(FOLDER): every .cpp below FOLDER becomes the static library backlight_FOLDER.
function(backlight_library folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/apps/main.cpp$")
  add_library(backlight_${folder} STATIC ${sources})
  set_target_properties(backlight_${folder} PROPERTIES EXPORT_NAME ${folder} POSITION_INDEPENDENT_CODE ON)
  add_library(Backlight::${folder} ALIAS backlight_${folder})
  backlight_compile_options(backlight_${folder})
  target_include_directories(backlight_${folder} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
                                                        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/backlight>)
endfunction()
