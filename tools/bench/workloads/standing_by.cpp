// SPDX-License-Identifier: Apache-2.0
// W5: the memory of a runtime that has nothing to do, and of one with ten thousand runs that wait.
// W6: how long the program takes from nothing to the result of a task.
#include <fstream>
#include <thread>

#include "machine.hpp"
#include "process.hpp"
#include "workloads/definitions.hpp"
#include "workloads/place.hpp"
#include "workloads/workloads.hpp"

namespace weft::bench {
namespace {

constexpr double mb = 1e6;

constexpr std::string_view one_task = R"(
[pipeline]
name = "one"
[tasks.a]
operation = "bench.add"
params    = { value = 1 }
[outputs]
result = "${tasks.a.value}"
)";

}  // namespace

Submission waiting_pipeline() {
  Submission made;
  made.definition =
      "[pipeline]\nname = \"waiting\"\n[tasks.a]\noperation = \"bench.sleep\"\n"
      "[outputs]\nresult = \"${tasks.a.value}\"\n";
  made.file = "bench.toml";
  return made;
}

std::vector<Figure> run_w5(Bench& bench) {
  const int runs = bench.size(10'000, 20);
  const std::chrono::milliseconds rest = bench.size(4500, 10) * std::chrono::milliseconds{1};
  std::vector<double> idle_mb, waiting_mb, submit_s;
  for (int round = 0; round < bench.repetitions(); ++round) {
    const Place place(bench.new_folder());
    Process runtime({"idle", place.folder().string()});
    runtime.read_line();
    std::this_thread::sleep_for(rest);
    idle_mb.push_back(static_cast<double>(pss_bytes(runtime.id())) / mb);
    const auto begin = Clock::now();
    runtime.write_line(std::to_string(runs));
    runtime.read_line();
    submit_s.push_back(seconds_since(begin));
    std::this_thread::sleep_for(rest);
    waiting_mb.push_back(static_cast<double>(pss_bytes(runtime.id())) / mb);
  }
  Figure waiting = figure("w5/waiting", "MB PSS", at_most(35), waiting_mb);
  waiting.calibration = {{"submit_s", statistics(submit_s).median}};
  return {figure("w5/idle", "MB PSS", at_most(20), idle_mb), std::move(waiting)};
}

std::vector<Figure> run_w6(Bench& bench) {
  const Place place(bench.new_folder());
  const std::string definition = (place.folder() / "one.toml").string();
  std::ofstream(definition) << one_task;
  const auto start = [&] {
    const auto begin = Clock::now();
    Process program(WEFT_PROGRAM, {"run", definition, "--config", place.config().string(),
                                   "--state", place.state().string(), "--json"});
    std::string last;
    try {
      for (;;) last = program.read_line();
    } catch (const std::runtime_error&) {  // it has said everything
    }
    const double seconds = seconds_since(begin);
    expect(program.wait() == 0 && last.find("\"result\":2") != std::string::npos,
           "the program said: " + last);
    return seconds * 1e3;
  };
  start();  // makes the store, and brings the files into memory
  std::vector<double> took_ms;
  for (int round = 0; round < bench.rounds(); ++round) took_ms.push_back(start());
  return {figure("w6", "ms", at_most(60), took_ms)};
}

}  // namespace weft::bench
