// SPDX-License-Identifier: Apache-2.0
// What most tests of the SDK and of plugins include. A source still includes what it uses.
#pragma once
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>
#include <weft/plugin.hpp>
#include <weft/testing.hpp>

#include "catch.hpp"
