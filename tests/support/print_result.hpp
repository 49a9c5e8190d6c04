// SPDX-License-Identifier: Apache-2.0
// A failed REQUIRE(result) shows the error.
#pragma once
#include "base/result.hpp"
#include "catch.hpp"

template <class T>
struct Catch::StringMaker<weft::result<T>> {
  static std::string convert(const weft::result<T>& value) {
    return value ? "a value" : value.error().to_string();
  }
};
