# cmake --install BUILD --prefix PREFIX --component forecast: the forecasting library, for programs
# that say find_package(headway). Headers keep their paths: "daemon/forecast/forecast.h".
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(headway_package ${CMAKE_INSTALL_LIBDIR}/cmake/headway)
set(headway_include ${CMAKE_INSTALL_INCLUDEDIR}/headway)

foreach(library base scores forecast)
  set_target_properties(headway_${library} PROPERTIES EXPORT_NAME ${library})
  target_compile_features(headway_${library} PUBLIC cxx_std_20)
  install(TARGETS headway_${library} EXPORT headwayTargets COMPONENT forecast
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT forecast
    INCLUDES DESTINATION ${headway_include})
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/daemon/${library}
    DESTINATION ${headway_include}/daemon COMPONENT forecast FILES_MATCHING PATTERN "*.h")
endforeach()

install(EXPORT headwayTargets NAMESPACE headway:: DESTINATION ${headway_package}
  COMPONENT forecast)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/headwayConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_SOURCE_DIR}/cmake/headwayConfig.cmake
  ${CMAKE_BINARY_DIR}/headwayConfigVersion.cmake
  DESTINATION ${headway_package} COMPONENT forecast)
