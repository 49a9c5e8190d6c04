// SPDX-License-Identifier: Apache-2.0
// W4: a process with 500 pipelines of ten paid steps under way is killed, and another one goes on.
#include <algorithm>
#include <fstream>
#include <map>
#include <thread>

#include "process.hpp"
#include "workloads/definitions.hpp"
#include "workloads/place.hpp"
#include "workloads/workloads.hpp"

namespace weft::bench {
namespace {

constexpr double step_s = 0.05;
constexpr std::chrono::milliseconds look_every{1};
constexpr std::chrono::milliseconds down_for{300};
constexpr std::chrono::seconds patience{120};

// Lines of the books, and how often each stands there.
struct Books {
  std::map<std::string, int> lines;
  int count = 0;

  explicit Books(const std::filesystem::path& file) {
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line); ++count) ++lines[line];
  }
  int twice() const { return count - static_cast<int>(lines.size()); }
  // The longest way that a pipeline still has to go.
  double ideal_s(int pipelines) const {
    std::vector<int> left(static_cast<std::size_t>(pipelines), steps_of_a_pipeline);
    for (const auto& [line, times] : lines) --left[static_cast<std::size_t>(std::stoi(line))];
    return *std::max_element(left.begin(), left.end()) * step_s;
  }
};

template <class Met>
void wait_until(const Met& met, const char* what) {
  for (const auto begin = Clock::now(); !met(); std::this_thread::sleep_for(look_every))
    expect(Clock::now() - begin < patience, what);
}

struct Crash {
  double lost = 0, twice = 0, first_s = 0, beyond_ideal_s = 0;
};

Crash crash(Bench& bench, const std::string& append) {
  const int pipelines = bench.size(500, 10);
  const int all_steps = pipelines * steps_of_a_pipeline;
  const Place place(bench.new_folder(), append);
  const auto size_of_books = [&] {
    std::error_code missing;
    const auto size = std::filesystem::file_size(place.books(), missing);
    return missing ? 0 : size;
  };
  {
    Process first({"steps", place.folder().string(), append, std::to_string(pipelines)});
    first.read_line();
    first.read_line();
    wait_until([&] { return Books(place.books()).count >= all_steps / 2; }, "half of the steps");
    first.kill();
  }
  const Books left(place.books());
  const auto size_left = size_of_books();
  std::this_thread::sleep_for(down_for);

  const auto begin = Clock::now();
  Process second({"steps", place.folder().string(), append});
  wait_until([&] { return size_of_books() > size_left; }, "a step after the crash");
  Crash made;
  made.first_s = seconds_since(begin);
  const auto all_done = [&] {
    return static_cast<int>(Books(place.books()).lines.size()) == all_steps;
  };
  wait_until(all_done, "the last step");
  made.beyond_ideal_s = seconds_since(begin) - left.ideal_s(pipelines);
  const Books end(place.books());
  made.lost = all_steps - static_cast<double>(end.lines.size());
  made.twice = end.twice();
  return made;
}

std::vector<Figure> crash_figures(Bench& bench, const std::string& append) {
  std::vector<double> lost, twice, first_s, beyond_s;
  for (int round = 0; round < bench.repetitions(); ++round) {
    const Crash made = crash(bench, append);
    lost.push_back(made.lost);
    twice.push_back(made.twice);
    first_s.push_back(made.first_s);
    beyond_s.push_back(made.beyond_ideal_s);
  }
  const std::string row = "w4/" + append + "-";
  expect(statistics(lost).max == 0 && statistics(twice).max == 0,
         row + ": " + std::to_string(statistics(lost).max) + " steps lost, " +
             std::to_string(statistics(twice).max) + " done twice");
  return {figure(row + "lost", "steps", at_most(0), lost),
          figure(row + "twice", "steps", at_most(0), twice),
          figure(row + "first-step", "s", at_most(0.3), first_s),
          figure(row + "beyond-ideal", "s", at_most(0.3), beyond_s)};
}

}  // namespace

Submission stepping_pipeline(int n) {
  std::string text = "[pipeline]\nname = \"steps\"\n[inputs]\np = { type = \"integer\" }\n";
  for (int step = 0; step < steps_of_a_pipeline; ++step) {
    text += "[tasks.s" + std::to_string(step) +
            "]\noperation = \"bench.step\"\nparams = { pipeline = \"${inputs.p}\", step = " +
            std::to_string(step) + " }\n";
    if (step > 0) text += "needs = [\"s" + std::to_string(step - 1) + "\"]\n";
  }
  return submission(text, "p", n);
}

std::vector<Figure> run_w4(Bench& bench) {
  std::vector<Figure> figures = crash_figures(bench, "end");
  for (Figure& figure : crash_figures(bench, "start")) figures.push_back(std::move(figure));
  return figures;
}

}  // namespace weft::bench
