# cmake --install BUILD --prefix PREFIX --component forecast: the forecasting library, for programs
# that say find_package(headway) and link headway::forecast. Of its headers only the door is
# installed, with those of daemon/base that it needs; they keep their paths, as in
# "daemon/forecast/forecast.h".
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(headway_package ${CMAKE_INSTALL_LIBDIR}/cmake/headway)
set(headway_include ${CMAKE_INSTALL_INCLUDEDIR}/headway)

# The libraries that headway::forecast is made of, lowest first.
set(headway_forecast_libraries
  base forecast_math forecast_calibration forecast_kinds scores forecast_ets forecast_arima forecast_models_ces
  forecast_models_structural forecast_models_theta forecast_models forecast_auto forecast)
foreach(library IN LISTS headway_forecast_libraries)
  set_target_properties(headway_${library} PROPERTIES EXPORT_NAME ${library})
  target_compile_features(headway_${library} PUBLIC cxx_std_20)
  install(TARGETS headway_${library} EXPORT headwayTargets COMPONENT forecast
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT forecast
    INCLUDES DESTINATION ${headway_include})
endforeach()

foreach(header base/thread_pool.h forecast/anomalies.h forecast/batch.h forecast/breaks.h forecast/forecast.h
        forecast/innovations.h forecast/options.h forecast/path_functions.h forecast/paths.h
        forecast/reconcile.h forecast/records.h)
  cmake_path(GET header PARENT_PATH folder)
  install(FILES ${CMAKE_SOURCE_DIR}/daemon/${header}
    DESTINATION ${headway_include}/daemon/${folder} COMPONENT forecast)
endforeach()

install(EXPORT headwayTargets NAMESPACE headway:: DESTINATION ${headway_package}
  COMPONENT forecast)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/headwayConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_SOURCE_DIR}/cmake/headwayConfig.cmake
  ${CMAKE_BINARY_DIR}/headwayConfigVersion.cmake
  DESTINATION ${headway_package} COMPONENT forecast)
