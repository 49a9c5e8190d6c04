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
    Row{"w1", "W1: chains of three steps, by 1, 100 and 1,000 clients", run_w1},
    Row{"w2", "W2: 1 + 1,000 + 1 tasks", run_w2},
    Row{"w3", "W3: 10,000 tasks in one graph", run_w3},
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
