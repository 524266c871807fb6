# cmake --install BUILD --prefix PREFIX --component forecast: the forecasting library, for programs
# that say find_package(headway) and link headway::forecast. --component plugin: the SDK for plugins,
# for those that say find_package(headway-plugin) and link headway::plugin. Of the headers only the
# doors are installed, with those that these need; they keep their paths, as in
# "daemon/forecast/forecast.h".
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(headway_include ${CMAKE_INSTALL_INCLUDEDIR}/headway)

# headway_install_library(NAME AS COMPONENT EXPORT)
function(headway_install_library library name component export)
  set_target_properties(headway_${library} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(headway_${library} PUBLIC cxx_std_20)
  install(TARGETS headway_${library} EXPORT ${export} COMPONENT ${component}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component}
    INCLUDES DESTINATION ${headway_include})
endfunction()

# headway_install_headers(COMPONENT HEADER...), by their paths in the source tree.
function(headway_install_headers component)
  foreach(header IN LISTS ARGN)
    cmake_path(GET header PARENT_PATH folder)
    install(FILES ${CMAKE_SOURCE_DIR}/${header}
      DESTINATION ${headway_include}/${folder} COMPONENT ${component})
  endforeach()
endfunction()

# headway_install_package(NAME COMPONENT EXPORT): NAMEConfig.cmake and what it includes.
function(headway_install_package name component export)
  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/${name})
  install(EXPORT ${export} NAMESPACE headway:: DESTINATION ${package} COMPONENT ${component})
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/${name}ConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_SOURCE_DIR}/cmake/${name}Config.cmake
    ${CMAKE_BINARY_DIR}/${name}ConfigVersion.cmake
    DESTINATION ${package} COMPONENT ${component})
  # A target can be exported once, and both packages need the base.
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" --install \"${CMAKE_BINARY_DIR}\"
    --prefix \"\${CMAKE_INSTALL_PREFIX}\" --component base COMMAND_ERROR_IS_FATAL ANY)"
    COMPONENT ${component})
endfunction()

headway_install_library(base base base headwayBaseTargets)
install(EXPORT headwayBaseTargets NAMESPACE headway::
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/headway-base COMPONENT base)

# The libraries that headway::forecast is made of besides the base, lowest first.
foreach(library forecast_math forecast_calibration forecast_kinds scores forecast_ets forecast_arima
        forecast_models_ces forecast_models_structural forecast_models_theta forecast_models
        forecast_auto forecast)
  headway_install_library(${library} ${library} forecast headwayTargets)
endforeach()
headway_install_headers(forecast
  daemon/base/thread_pool.h
  daemon/forecast/anomalies.h daemon/forecast/batch.h daemon/forecast/breaks.h
  daemon/forecast/forecast.h
  daemon/forecast/innovations.h daemon/forecast/options.h daemon/forecast/path_functions.h
  daemon/forecast/paths.h daemon/forecast/reconcile.h daemon/forecast/records.h)
headway_install_package(headway forecast headwayTargets)

if(TARGET headway_plugin_sdk)
  headway_install_library(series series plugin headwayPluginTargets)
  headway_install_library(tables tables plugin headwayPluginTargets)
  headway_install_library(plugin_proto plugin_proto plugin headwayPluginTargets)
  headway_install_library(plugin_sdk plugin plugin headwayPluginTargets)
  headway_install_headers(plugin
    daemon/base/clock.h daemon/base/status_macros.h
    daemon/series/labels.h daemon/series/observation_status.h daemon/series/period.h
    daemon/series/series_info.h daemon/series/unit.h daemon/tables/records.h
    plugins/sdk/cpp/csv.h plugins/sdk/cpp/document.h plugins/sdk/cpp/errors.h
    plugins/sdk/cpp/http.h plugins/sdk/cpp/json.h plugins/sdk/cpp/limits.h plugins/sdk/cpp/plugin.h
    plugins/sdk/cpp/text.h plugins/sdk/cpp/url.h plugins/sdk/cpp/writer.h)
  headway_install_package(headway-plugin plugin headwayPluginTargets)
endif()
