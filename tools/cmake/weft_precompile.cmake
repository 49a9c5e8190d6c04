# SPDX-License-Identifier: Apache-2.0
# weft_precompile(TARGET SET): what most sources include is parsed once for all of them, a third of a clean build.
#
# SET names a header in tools/cmake/precompiled: `layers` for libraries of the runtime and what stands on them, `tests`
# for test programs, `sdk_tests` for those that see the SDK alone. Off unless a preset says otherwise: builds without it
# show a source that does not include what it uses, and give clang-tidy flags that it understands.
option(WEFT_PRECOMPILE "Parse the most used headers once" OFF)

function(weft_precompile target set)
  if(WEFT_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM weft_precompiled_${set})
    target_compile_options(${target} PRIVATE ${weft_precompile_flags})
  endif()
endfunction()

# weft_precompiled(SET LIBRARY|PROGRAM [OPTIONS flag ...] LIBS target ...): makes a set. A set serves targets of one kind,
# because programs and libraries differ in how their code may be placed.
function(weft_precompiled set kind)
  if(NOT WEFT_PRECOMPILE)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "OPTIONS;LIBS" ${ARGN})
  set(source "${PROJECT_BINARY_DIR}/precompiled/${set}.cpp")
  file(GENERATE OUTPUT "${source}" CONTENT "int main() {}\n")
  if(kind STREQUAL "PROGRAM")
    add_executable(weft_precompiled_${set} "${source}")
  else()
    add_library(weft_precompiled_${set} STATIC "${source}")
  endif()
  target_precompile_headers(weft_precompiled_${set} PRIVATE "${PROJECT_SOURCE_DIR}/tools/cmake/precompiled/${set}.hpp")
  target_link_libraries(weft_precompiled_${set} PRIVATE ${arg_LIBS} weft_warnings)
  target_compile_options(weft_precompiled_${set} PRIVATE ${weft_precompile_flags} ${arg_OPTIONS})
endfunction()

# ccache looks at the preprocessed source, which has to name the precompiled header.
set(weft_precompile_flags $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
