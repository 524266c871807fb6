# find_package(headway) gives headway::forecast, the forecasting library.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(absl)
find_dependency(hwy)
if(NOT TARGET headway::base)
  include(${CMAKE_CURRENT_LIST_DIR}/../headway-base/headwayBaseTargets.cmake)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/headwayTargets.cmake)
