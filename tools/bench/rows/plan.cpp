// SPDX-License-Identifier: Apache-2.0
// From the text of a definition to its plan: CPU time for a hundred thousand tasks.
#include "plan_load.hpp"
#include "rows/rows.hpp"

namespace weft::bench {
namespace {

Figure plan_figure(const Bench& bench, const std::string& row, Goal goal,
                   const DefinitionText& definition, std::size_t nodes) {
  const PlanLoad load;
  const Work once = [&](Clock::time_point) {
    expect(load.make(definition) == nodes, row + ": the plan has another size");
    return std::uint64_t{1};
  };
  std::vector<double> rounds;
  for (int i = 0; i < bench.repetitions(); ++i)
    rounds.push_back(run_slice(once, bench.budget().slice).cpu_seconds);
  return figure(row, "s CPU", goal, rounds);
}

}  // namespace

std::vector<Figure> run_plan(Bench& bench) {
  const std::uint32_t tasks = bench.size(100'000u, 1000u);
  constexpr double longest_s = 2;
  return {plan_figure(bench, "plan/100k", at_most(longest_s), written_tasks(tasks), tasks),
          plan_figure(bench, "plan/100k-references", {}, written_references(tasks), tasks),
          plan_figure(bench, "plan/100k-toml", {}, written_tasks_toml(tasks), tasks),
          plan_figure(bench, "plan/100k-for-each", at_most(longest_s), task_for_each(tasks),
                      tasks + 1)};
}

}  // namespace weft::bench
