// SPDX-License-Identifier: Apache-2.0
// Catch2 by one name: version 3 where it is installed, else the version 2 of Debian 12.
#pragma once
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
