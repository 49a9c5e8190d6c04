// SPDX-License-Identifier: Apache-2.0
// What the border to a plugin costs, and what a job costs that only waits.
#include "machine.hpp"
#include "plugin_load.hpp"
#include "rows/rows.hpp"

namespace weft::bench {
namespace {

Figure call_figure(Bench& bench, const std::string& row, const std::string& component, Goal goal) {
  PluginLoad load(bench.new_folder(), component);
  const Work calls = load.calls("bench.add");
  run_slice(calls, bench.budget().slice);
  std::vector<double> took_us;
  for (int i = 0; i < bench.rounds(); ++i)
    took_us.push_back(run_slice(calls, bench.budget().slice).cpu_us());
  return figure(row, "us CPU", goal, took_us);
}

}  // namespace

std::vector<Figure> run_plugin_call(Bench& bench) {
  return {call_figure(bench, "plugin/call", "null", at_most(3)),
          call_figure(bench, "plugin/call-cpp", "adder", {})};
}

std::vector<Figure> run_waiting_jobs(Bench& bench) {
  const std::uint32_t jobs = bench.size(10'000u, 100u);
  PluginLoad load(bench.new_folder(), "sleeper");
  load.submit("bench.sleep", 10);
  load.settle();
  const std::size_t before = heap_bytes();
  load.submit("bench.sleep", jobs);
  load.settle();
  expect(load.ended() == 0, "a job that should sleep has ended");
  const double kib = static_cast<double>(heap_bytes() - before) / 1024 / jobs;
  return {figure("jobs/between-polls", "KiB each", at_most(2), {kib})};
}

}  // namespace weft::bench
