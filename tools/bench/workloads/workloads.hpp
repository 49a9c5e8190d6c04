// SPDX-License-Identifier: Apache-2.0
// W1 to W6: the work sets that other durable engines were measured with; each checks its results.
#pragma once
#include <string>
#include <vector>

#include "row.hpp"

namespace weft::bench {

std::vector<Figure> run_w1(Bench& bench);
std::vector<Figure> run_w2(Bench& bench);
std::vector<Figure> run_w3(Bench& bench);
std::vector<Figure> run_w4(Bench& bench);
std::vector<Figure> run_w5(Bench& bench);
std::vector<Figure> run_w6(Bench& bench);

}  // namespace weft::bench
