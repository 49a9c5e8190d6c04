# SPDX-License-Identifier: Apache-2.0
# weft_add_plugin(NAME SOURCES a.cpp ... [LIBS target ...] [MANIFEST manifest.json])
#
# Makes the plugin library NAME.so from C11 or C++20 sources, against the SDK alone. It exports
# weft_entry_v1 and nothing else, refuses undefined symbols, and keeps what it links to itself, so
# that two plugins (or a plugin and the runtime) can use different versions of one library.
# MANIFEST makes the header "weft_manifest.h", which holds WEFT_MANIFEST(...) with the text of that
# file; a plugin may as well write WEFT_MANIFEST itself.
#
# With BUILD_TESTING, and with the program `weft` at hand, `ctest` also runs `weft plugin check` on
# the result. A plugin of weft's own folder plugins/ is part of the product: built into
# <build>/plugins and installed.
function(weft_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "MANIFEST" "SOURCES;LIBS")
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weft_add_plugin(${name} SOURCES ... [LIBS ...] [MANIFEST file]): "
                        "check the arguments (${arg_UNPARSED_ARGUMENTS})")
  endif()

  add_library(${name} MODULE ${arg_SOURCES})
  set_target_properties(${name} PROPERTIES
    PREFIX ""
    C_STANDARD 11
    CXX_STANDARD 20
    C_STANDARD_REQUIRED ON
    CXX_STANDARD_REQUIRED ON
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
  # STB_GNU_UNIQUE symbols are shared by all libraries of a process, whatever their visibility.
  target_compile_options(${name} PRIVATE
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  target_link_options(${name} PRIVATE
    "LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map"
    "LINKER:--exclude-libs,ALL")
  # What clang instruments takes the sanitizer from the program that loads it.
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  if(NOT (CMAKE_CXX_COMPILER_ID MATCHES "Clang"
          AND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" MATCHES "-fsanitize="))
    target_link_options(${name} PRIVATE "LINKER:-z,defs")
  endif()
  target_link_libraries(${name} PRIVATE weft::sdk ${arg_LIBS})
  if(TARGET weft_warnings)
    target_link_libraries(${name} PRIVATE weft_warnings)
  endif()
  if(arg_MANIFEST)
    _weft_write_manifest(${name} "${arg_MANIFEST}")
  endif()

  if(TARGET weft_sdk)
    cmake_path(IS_PREFIX weft_SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE in_tree)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${weft_SOURCE_DIR}"
               OUTPUT_VARIABLE place)
    if(in_tree AND place MATCHES "^plugins/")
      set_target_properties(${name} PROPERTIES
        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins")
      install(TARGETS ${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/weft/plugins")
    endif()
  endif()
  # Deferred: in weft's own tree the program is defined after the plugins.
  if(BUILD_TESTING)
    cmake_language(EVAL CODE
      "cmake_language(DEFER DIRECTORY [[${CMAKE_SOURCE_DIR}]] CALL _weft_check_plugin [[${name}]])")
  endif()
endfunction()

# Turns manifest.json into a header with one string literal; compiled anew when the file changes.
function(_weft_write_manifest name file)
  cmake_path(ABSOLUTE_PATH file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  file(READ "${file}" text)
  string(STRIP "${text}" text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n  \"" text "${text}")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}_manifest")
  file(CONFIGURE OUTPUT "${folder}/weft_manifest.h" @ONLY CONTENT [[
/* Generated from the manifest by weft_add_plugin. */
#pragma GCC system_header /* a manifest may be longer than C promises for a string literal */
#include <weft/abi.h>
WEFT_MANIFEST(
  "@text@");
]])
  target_include_directories(${name} PRIVATE "${folder}")
endfunction()

function(_weft_check_plugin name)
  if(TARGET weft::weft)
    set(program $<TARGET_FILE:weft::weft>)
  else()
    find_program(WEFT_PROGRAM weft DOC "checks plugins: weft plugin check FILE")
    set(program "${WEFT_PROGRAM}")
  endif()
  if(program)
    add_test(NAME "plugin check: ${name}" COMMAND "${program}" plugin check $<TARGET_FILE:${name}>)
  endif()
endfunction()
