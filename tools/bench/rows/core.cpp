// SPDX-License-Identifier: Apache-2.0
// The engine's core alone: time for each task, bytes for each pending one, and how both grow.
#include "core_load.hpp"
#include "machine.hpp"
#include "raw_pool.hpp"
#include "rows/rows.hpp"
#include "synthetic.hpp"

namespace weft::bench {
namespace {

constexpr std::uint32_t slots = 64;

Work core_work(const std::shared_ptr<const Plan>& plan) {
  return [plan](Clock::time_point until) {
    std::uint64_t done = 0;
    do {
      CoreLoad load(slots);
      load.submit(plan);
      done += load.run();
    } while (Clock::now() < until);
    return done;
  };
}

std::string size_name(std::uint32_t tasks) {
  return tasks >= 1'000'000 ? std::to_string(tasks / 1'000'000) + "m"
                            : std::to_string(tasks / 1000) + "k";
}

// Heap for each task of a submitted run, with its plan: all but the first few are pending.
double bytes_per_task(std::uint32_t tasks) {
  const std::size_t before = heap_bytes();
  const auto plan = random_plan(tasks);
  CoreLoad load(slots);
  load.submit(plan);
  return static_cast<double>(heap_bytes() - before) / tasks;
}

}  // namespace

std::vector<Figure> run_core_dag(Bench& bench) {
  const auto plan = random_plan(bench.size(100'000u, 1000u));
  RawPool pool(*plan);
  const Work raw = [&](Clock::time_point until) {
    std::uint64_t done = 0;
    do {
      pool.run();
      done += plan->nodes.size();
    } while (Clock::now() < until);
    return done;
  };
  return {cpu_ratio("core/dag", at_most(10), compare(bench.budget(), raw, core_work(plan)))};
}

std::vector<Figure> run_growth(Bench& bench) {
  std::vector<Figure> figures;
  std::vector<double> cost_us, bytes;
  for (const std::uint32_t full : {1000u, 10'000u, 100'000u, 1'000'000u}) {
    const std::uint32_t tasks = bench.size(full, 1000u);
    const auto plan = random_plan(tasks);
    std::vector<double> rounds;
    for (int i = 0; i < bench.repetitions(); ++i)
      rounds.push_back(run_slice(core_work(plan), bench.budget().slice).cpu_us());
    figures.push_back(figure("growth/cost-" + size_name(full), "us CPU", {}, rounds));
    cost_us.push_back(statistics(rounds).min);
    bytes.push_back(bytes_per_task(tasks));
    figures.push_back(figure("growth/bytes-" + size_name(full), "B/task", {}, {bytes.back()}));
  }
  const Statistics cost = statistics(cost_us);
  figures.push_back(figure("growth/cost", "x smallest", at_most(2), {cost.max / cost.min}));
  const Statistics size = statistics(bytes);
  figures.push_back(figure("growth/bytes", "x smallest", at_most(2), {size.max / size.min}));
  return figures;
}

std::vector<Figure> run_memory(Bench& bench) {
  return {figure("memory/pending", "B/task", at_most(1024),
                 {bytes_per_task(bench.size(1'000'000u, 1000u))})};
}

}  // namespace weft::bench
