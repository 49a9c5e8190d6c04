# SPDX-License-Identifier: Apache-2.0
# What every target of this tree is compiled with, and the libraries it may use.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_ENABLE_EXPORTS OFF)  # an exporting host would hijack its plugins' symbols

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

find_program(WEFT_CCACHE ccache)
if(WEFT_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${WEFT_CCACHE}")
  # What it cannot see through a precompiled header is not used here: __TIME__, and macros of the command line.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${WEFT_CCACHE}")
endif()
find_program(WEFT_LLD ld.lld)
if(WEFT_LLD)
  add_link_options(-fuse-ld=lld)  # bfd takes six times as long on a Beast program
endif()

# gcc collects garbage all the time unless it is told that there is a gigabyte: a seventh of a build.
add_compile_options("$<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1048576>")

# Beast needs more than 1 GB per translation unit: never two at once on a small machine.
set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)

# Every warning is an error in this tree; an installed header is not ours to judge in others' trees.
add_library(weft_warnings INTERFACE)
target_compile_options(weft_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  # gcc's TSan does not model fences, which Asio uses with care; the warning would hide nothing else.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>
  # Sources that are compiled together look like headers to gcc.
  $<$<AND:$<BOOL:${CMAKE_UNITY_BUILD}>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-Wno-subobject-linkage>)

# All Boost definitions stand here once, so that every library sees the same Boost.
find_package(Boost 1.81 REQUIRED COMPONENTS json url filesystem)
add_library(weft_boost INTERFACE)
target_link_libraries(weft_boost INTERFACE Boost::headers Boost::json Boost::url Boost::filesystem)
target_compile_definitions(weft_boost INTERFACE
  BOOST_DLL_USE_STD_FS BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED)

find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(absl REQUIRED IMPORTED_TARGET absl_time)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
# It brings -pthread, which means nothing to this C library, but would keep its users from the precompiled headers.
set_property(TARGET PkgConfig::re2 PROPERTY INTERFACE_COMPILE_OPTIONS "")
set_property(TARGET PkgConfig::absl PROPERTY INTERFACE_COMPILE_OPTIONS "")
