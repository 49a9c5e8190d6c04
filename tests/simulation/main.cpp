// SPDX-License-Identifier: Apache-2.0
// weft-sim: README.md says how to use it.
#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>

#include "faults/fault.hpp"
#include "simulate.hpp"

namespace weft::simulation {
namespace {

constexpr std::uint64_t steps_that_see_everything = 2'000'000;
constexpr std::size_t lines_shown = 120;

struct Arguments {
  Options options;
  std::string seeds;
  std::vector<std::string> without;
  bool replay = false;
  bool list_faults = false;
  bool keep_going = false;
};

// What a long simulation must have seen to prove anything.
std::vector<std::string> missing(const Counts& counts) {
  constexpr std::uint64_t often = 1'000;
  std::vector<std::string> list;
  const auto need = [&](const char* name, std::uint64_t count) {
    if (count < often) list.push_back(std::string(name) + ": " + std::to_string(count));
  };
  need("runs finished", counts.finished);
  need("crashes with work in flight", counts.crashes_with_work);
  need("attaches", counts.attaches);
  need("fallbacks", counts.fallbacks);
  need("cancels", counts.cancels);
  need("duplicate answers", counts.duplicate_answers);
  need("budget refusals", counts.budget_refusals);
  need("services left alone", counts.opened);
  need("services tried out", counts.trials);
  need("services well again", counts.recovered);
  need("services paused", counts.pauses_of_services);
  need("restarts with a service left alone", counts.restarts_with_open);
  need("results taken", counts.results_taken);
  need("waits for the same work", counts.results_waited_for);
  const auto unknown = counts.outcomes.find(Outcome::unknown);
  need("unknown outcomes", unknown == counts.outcomes.end() ? 0 : unknown->second);
  for (int number = 0; number <= static_cast<int>(Outcome::interrupted); ++number) {
    const auto outcome = static_cast<Outcome>(number);
    const bool known = outcome == Outcome::internal || to_string(outcome) != "internal";
    if (known && !counts.outcomes.contains(outcome))
      list.push_back("outcome " + std::string(to_string(outcome)) + ": never");
  }
  return list;
}

void print(const Failure& failure) {
  std::cout << "broken: " << failure.rule << ": " << failure.what << '\n'
            << "  at step " << failure.step << " of weft-sim " << command_line(failure.options)
            << '\n';
}

void explain(const Failure& failure) {
  print(failure);
  std::cout << "looking for a smaller one ...\n";
  Options smallest = shrink(failure, [](const Options& smaller) {
    std::cout << "  weft-sim " << command_line(smaller) << '\n';
  });
  smallest.lines_at_most = 100'000;
  const Result again = simulate(smallest);
  if (!again.failure) return;
  const std::size_t from = again.lines.size() - std::min(again.lines.size(), lines_shown);
  for (std::size_t i = from; i < again.lines.size(); ++i) std::cout << again.lines[i] << '\n';
  std::cout << again.failure->definition << '\n';
  print(*again.failure);
}

int run(const Arguments& arguments) {
  Options options = arguments.options;
  std::uint64_t first = options.seed, last = options.seed;
  if (!arguments.seeds.empty()) {
    const std::size_t dots = arguments.seeds.find("..");
    first = std::stoull(arguments.seeds);
    last = dots == std::string::npos ? first : std::stoull(arguments.seeds.substr(dots + 2));
  }
  const auto began = std::chrono::steady_clock::now();
  Counts total;
  std::uint64_t broken = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    options.seed = seed;
    const Result result = simulate(options);
    total.add(result.counts);
    for (const std::string& line : result.lines) std::cout << line << '\n';
    if (arguments.replay) std::cout << "history " << std::hex << result.hash << std::dec << '\n';
    if (!result.failure) continue;
    ++broken;
    if (arguments.keep_going) {
      if (arguments.replay) std::cout << result.failure->definition << '\n';
      print(*result.failure);
      continue;
    }
    explain(*result.failure);
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::cout << total.to_string() << "  " << (last - first + 1) << " seeds in " << took.count()
            << " s\n";
  if (broken > 0) return std::cout << broken << " seeds broken\n", 1;
  if (first != last || options.steps < steps_that_see_everything) return 0;
  const auto unseen = missing(total);
  for (const std::string& what : unseen) std::cout << "seen too seldom: " << what << '\n';
  return unseen.empty() ? 0 : 1;
}

int parse_and_run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"The engine of weft under a seeded simulation."};
  app.add_option("--seed", arguments.options.seed, "what all chance comes from");
  app.add_option("--seeds", arguments.seeds, "FIRST..LAST, one simulation each");
  app.add_option("--steps", arguments.options.steps, "events given to the core, of each seed");
  app.add_option("--chapter", arguments.options.chapter, "of a long one: begin with this");
  app.add_option("--fault", arguments.options.fault, "a deliberate fault; --list-faults");
  app.add_option("--runs", arguments.options.runs_at_most, "runs submitted at most");
  app.add_option("--together", arguments.options.together_at_most, "unfinished at a time at most");
  app.add_option("--tasks", arguments.options.tasks_at_most, "tasks of a definition at most")
      ->check(CLI::Range(1, 100));
  app.add_option("--no", arguments.without, "a kind of trouble to leave out");
  app.add_flag("--replay", arguments.replay, "print the history");
  app.add_flag("--keep-going", arguments.keep_going, "one line for each seed that breaks a rule");
  app.add_flag("--list-faults", arguments.list_faults, "print the names of the faults");
  CLI11_PARSE(app, argc, argv);
  for (const std::string& trouble : arguments.without)
    if (!switch_off(arguments.options, trouble))
      return std::cerr << "there is no trouble '" << trouble << "'\n", 2;
  if (arguments.list_faults) {
    for (const FaultName& fault : fault_names())
      std::cout << fault.name << std::string(24 - fault.name.size(), ' ') << fault.meaning << '\n';
    return 0;
  }
  if (arguments.replay) arguments.options.lines_at_most = 1'000'000;
  return run(arguments);
}

}  // namespace
}  // namespace weft::simulation

int main(int argc, char** argv) {
  try {
    return weft::simulation::parse_and_run(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "weft-sim: " << problem.what() << '\n';
    return 2;
  }
}
