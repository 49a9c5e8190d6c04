// SPDX-License-Identifier: Apache-2.0
// The rows that compare the runtime with a raw loop, or count bytes.
#pragma once
#include <vector>

#include "row.hpp"

namespace weft::bench {

// durable.cpp
std::vector<Figure> run_durable_1(Bench& bench);
std::vector<Figure> run_durable_64(Bench& bench);
std::vector<Figure> run_durable_256(Bench& bench);
std::vector<Figure> run_durable_1000(Bench& bench);
std::vector<Figure> run_chain_fsyncs(Bench& bench);

}  // namespace weft::bench
