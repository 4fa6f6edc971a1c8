# Who uses whom: apps -> weights -> layers -> engine -> kernels.
target_link_libraries(backlight_kernels PRIVATE hwy::hwy TBB::tbb)
target_link_libraries(backlight_engine PUBLIC backlight_kernels)
target_link_libraries(backlight_layers PUBLIC backlight_engine)
target_link_libraries(backlight_weights PUBLIC backlight_layers PRIVATE hdf5::hdf5 ZLIB::ZLIB)
if(SECCOMP_FOUND)
  target_link_libraries(backlight_weights PRIVATE PkgConfig::SECCOMP)
  set_source_files_properties(weights/hdf5/sandbox.cpp PROPERTIES COMPILE_DEFINITIONS BACKLIGHT_SECCOMP=1)
endif()
target_link_libraries(backlight_apps PUBLIC backlight_weights CLI11::CLI11 nlohmann_json::nlohmann_json
                                     PRIVATE PkgConfig::EXIF JPEG::JPEG PNG::PNG Boost::headers $<BUILD_INTERFACE:Eigen3::Eigen>)
target_include_directories(backlight_apps SYSTEM PRIVATE ${STB_INCLUDE_DIR})
