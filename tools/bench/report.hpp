// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "calibration.hpp"
#include "harness.hpp"

namespace weft::bench {

// ">= 0.7", "<= 50"; "" when there is none.
std::string goal_text(const Goal& goal);
// One line for people.
std::string line_of(const Figure& figure);
std::string line_of(const Calibration& calibration);
// [{row, value, unit, goal, holds, spread, calibration}, ...]
std::string json_of(const std::vector<Figure>& figures);

}  // namespace weft::bench
