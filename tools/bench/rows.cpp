// SPDX-License-Identifier: Apache-2.0
// The table: which rows there are, and in which order.
#include <array>
#include <fstream>

#include "row.hpp"
#include "rows/rows.hpp"
#include "workloads/workloads.hpp"

namespace weft::bench {
namespace {

constexpr std::array table{
    Row{"durable/1", "durable steps, 1 in flight, against pwrite + fdatasync", run_durable_1},
    Row{"durable/64", "durable steps, 64 in flight, against a group-commit loop", run_durable_64},
    Row{"durable/256", "durable steps, 256 in flight, against the same", run_durable_256},
    Row{"durable/1000", "durable steps, 1,000 in flight, against the same", run_durable_1000},
    Row{"fsyncs/chain", "fsyncs of a lone chain", run_chain_fsyncs},
    Row{"core/dag", "the core, per task of a graph, against a pool of one thread", run_core_dag},
    Row{"growth", "the core, per task of graphs of 1,000 to 1,000,000", run_growth},
    Row{"memory/pending", "a pending task of a million", run_memory},
    Row{"expansion", "the engine's longest turn when a task becomes 10,000", run_expansion},
    Row{"plan/100k", "a plan of 100,000 tasks, from its definition's text", run_plan},
    Row{"restart", "a run of a million tasks, against a read of its rows", run_restart},
    Row{"routing/20", "a decision among twenty services", run_routing},
    Row{"plugin/call", "a job of an adapter, from submit to end", run_plugin_call},
    Row{"jobs/between-polls", "a job that waits in its plugin", run_waiting_jobs},
    Row{"http/dispatch", "requests, 1,000 in flight, against curl alone", run_http_dispatch},
    Row{"http/open", "10,000 open transfers", run_http_open},
    Row{"w1", "W1: chains of three steps, by 1, 100 and 1,000 clients", run_w1},
    Row{"w2", "W2: 1 + 1,000 + 1 tasks", run_w2},
    Row{"w3", "W3: 10,000 tasks in one graph", run_w3},
    Row{"w4", "W4: killed with 500 pipelines under way", run_w4},
    Row{"w5", "W5: idle, and with 10,000 waiting runs", run_w5},
    Row{"w6", "W6: the program, from nothing to a result", run_w6},
};

}  // namespace

void expect(bool right, const std::string& what) {
  if (!right) throw WrongResult(what);
}

std::filesystem::path Bench::new_folder() {
  const auto path = folder_ / std::to_string(++folders_);
  std::filesystem::create_directories(path);
  return path;
}

std::span<const Row> rows() {
  return table;
}

}  // namespace weft::bench
