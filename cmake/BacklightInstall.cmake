# `cmake --install`: the program, the libraries with their headers, and the package that find_package(Backlight) finds.
# The library `apps` stays at home: it is the program.
include(CMakePackageConfigHelpers)

add_library(backlight_all INTERFACE)
set_target_properties(backlight_all PROPERTIES EXPORT_NAME backlight)
target_link_libraries(backlight_all INTERFACE backlight_weights)
add_library(Backlight::backlight ALIAS backlight_all)

install(TARGETS backlight)
install(TARGETS backlight_all backlight_kernels backlight_engine backlight_layers backlight_weights
        EXPORT BacklightTargets)
install(DIRECTORY kernels engine layers weights DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/backlight
        FILES_MATCHING PATTERN "*.h"
        PATTERN "kernels/cpu" EXCLUDE
        PATTERN "kernels/cuda" EXCLUDE
        PATTERN "kernels/simt" EXCLUDE
        REGEX "kernels/ref(\\.h)?$" EXCLUDE  # the meaning of the contracts, for those who read or test them
        PATTERN "weights/classes" EXCLUDE
        # How the files are read and held against networks, not what is read.
        PATTERN "weights/hdf5" EXCLUDE
        REGEX "weights/(text|finite|named_tensors)\\.h$" EXCLUDE
        REGEX "weights/verification/(dump_entry|dumped_values|judgement|verifier)\\.h$" EXCLUDE)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/Backlight)
configure_package_config_file(cmake/BacklightConfig.cmake.in BacklightConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(BacklightConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/BacklightConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/BacklightConfigVersion.cmake
        DESTINATION ${package})
install(EXPORT BacklightTargets NAMESPACE Backlight:: DESTINATION ${package})
