# SPDX-License-Identifier: Apache-2.0
# weft_layer(NAME SOURCES a.cpp ... [PUBLIC layer-or-library ...] [PRIVATE library ...])
#
# Makes library weft_<NAME> of folder runtime/src/<NAME>. Headers are named with their folder ("model/plan.hpp"), and a
# folder's headers are visible through a directory of its own, so a layer sees exactly the folders it links: including
# a higher one does not compile.
function(weft_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(view "${PROJECT_BINARY_DIR}/layers/${name}")
  file(MAKE_DIRECTORY "${view}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${view}/${name}" SYMBOLIC)
  add_library(weft_${name} STATIC ${arg_SOURCES})
  target_include_directories(weft_${name} PUBLIC "$<BUILD_INTERFACE:${view}>")
  target_link_libraries(weft_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:weft_warnings>)
  weft_precompile(weft_${name} layers)
endfunction()
