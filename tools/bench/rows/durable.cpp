// SPDX-License-Identifier: Apache-2.0
// Durable steps: a step is two transitions (the end of a task and the intent of the next) in one
// commit, made by the whole engine and its store; nothing else waits for it.
#include "counting_vfs.hpp"
#include "engine_load.hpp"
#include "raw_disk.hpp"
#include "raw_store.hpp"
#include "rows/rows.hpp"
#include "synthetic.hpp"

namespace weft::bench {
namespace {

// Enough for all rounds of any machine: about a million tasks in all.
std::uint32_t chain_length(const Bench& bench, std::uint32_t in_flight) {
  return bench.size(600'000u / in_flight + 600, 4000u);
}

std::vector<Figure> against_raw_store(Bench& bench, std::uint32_t in_flight) {
  const std::uint32_t chains = bench.size(in_flight, 8u);
  const std::uint32_t length = chain_length(bench, chains);
  store::Options options;
  options.folder = bench.new_folder();
  EngineLoad ours(options, chain_plan(length), chains);
  RawStore raw(bench.new_folder(), chains, length);
  return {rate_ratio("durable/" + std::to_string(in_flight), at_least(0.7),
                     compare(bench.budget(), raw.work(), ours.work()))};
}

Work transitions(Work steps) {
  return [steps = std::move(steps)](Clock::time_point until) { return 2 * steps(until); };
}

}  // namespace

std::vector<Figure> run_durable_1(Bench& bench) {
  const std::uint32_t length = chain_length(bench, 4);
  store::Options options;
  options.folder = bench.new_folder();
  EngineLoad ours(options, chain_plan(length), 1);
  RawDisk raw(bench.new_folder() / "raw");
  // What of the distance is SQLite's: its statements alone, one transaction for each step.
  RawStore statements(bench.new_folder(), 1, length);
  return {rate_ratio("durable/1", at_least(0.7),
                     compare(bench.budget(), raw.work(), transitions(ours.work()))),
          rate_ratio("durable/1-of-statements", {},
                     compare(bench.budget(), statements.work(), ours.work()))};
}
std::vector<Figure> run_durable_64(Bench& bench) {
  return against_raw_store(bench, 64);
}
std::vector<Figure> run_durable_256(Bench& bench) {
  return against_raw_store(bench, 256);
}
std::vector<Figure> run_durable_1000(Bench& bench) {
  return against_raw_store(bench, 1000);
}

std::vector<Figure> run_chain_fsyncs(Bench& bench) {
  constexpr std::uint32_t steps = 3;
  CountingVfs vfs("weft-bench-counting");
  store::Options options;
  options.folder = bench.new_folder();
  options.vfs = vfs.name();
  EngineLoad load(options, chain_plan(steps), 1);
  load.finish();  // the file has its size, the log has been begun
  const std::uint64_t before = vfs.syncs();
  load.run_one();
  const auto syncs = static_cast<double>(vfs.syncs() - before);
  return {figure("fsyncs/chain", "of 3 steps", at_most(steps + 1), {syncs})};
}

}  // namespace weft::bench
