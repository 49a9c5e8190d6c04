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
// core.cpp
std::vector<Figure> run_core_dag(Bench& bench);
std::vector<Figure> run_growth(Bench& bench);
std::vector<Figure> run_expansion(Bench& bench);
std::vector<Figure> run_memory(Bench& bench);
// plan.cpp
std::vector<Figure> run_plan(Bench& bench);
// restart.cpp
std::vector<Figure> run_restart(Bench& bench);
// routing.cpp
std::vector<Figure> run_routing(Bench& bench);
// plugin.cpp
std::vector<Figure> run_plugin_call(Bench& bench);
std::vector<Figure> run_waiting_jobs(Bench& bench);
// http.cpp
std::vector<Figure> run_http_dispatch(Bench& bench);
std::vector<Figure> run_http_open(Bench& bench);

}  // namespace weft::bench
