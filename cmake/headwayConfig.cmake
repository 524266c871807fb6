# find_package(headway) gives headway::forecast, the forecasting library.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(absl)
find_dependency(hwy)
include(${CMAKE_CURRENT_LIST_DIR}/headwayTargets.cmake)
