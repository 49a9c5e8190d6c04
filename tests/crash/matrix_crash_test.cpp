// SPDX-License-Identifier: Apache-2.0
// A run over services of every kind of recovery, killed at each of its commits: whatever the
// moment, each purchase that the definition intends is made once, or its task waits and says why.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <csignal>
#include <iostream>
#include <map>

#include "catch.hpp"
#include "crash_place.hpp"

namespace weft::testing {
namespace {

// `keyed` can look a job up by its key, `tokened` only by the name the server gave it, `blind` not
// at all. The first job at `stumbling` fails, and so does every one at `broken`.
std::string matrix_services(const std::string& url) {
  const auto service = [&](const std::string& name, const std::string& operation,
                           const std::string& recover, const std::string& misbehaviour = {}) {
    return "[services." + name + "]\ncomponent = \"testing\"\noperations = [\"" + operation +
           "\"]\nprice = \"0.01\"\n[services." + name + ".config]\nurl = \"" + url +
           "\"\npoll_ms = 5\nrecover = \"" + recover +
           "\"\nbehaviour = { delay_ms = 10, cost_micros = 10000" + misbehaviour + " }\n";
  };
  return service("keyed", "text.generate", "key") +
         service("stumbling", "image.generate", "key", ", fail = \"transient\", fail_jobs = 1") +
         service("broken", "video.from_image", "key", ", fail = \"unsupported\"") +
         service("second", "video.from_image", "key") + service("tokened", "image.edit", "token") +
         service("blind", "image.upscale", "none");
}

constexpr std::string_view matrix_definition = R"(
[pipeline]
name = "every_kind"
[tasks.words]
operation = "text.generate"
params    = { prompt = "a lighthouse" }
[tasks.again]
operation = "image.generate"
params    = { prompt = "${tasks.words.text}", width = 64, height = 36 }
retry     = { backoff = "1ms", max_backoff = "1ms" }
[tasks.elsewhere]
operation = "video.from_image"
inputs    = { image = "${tasks.again.image}" }
params    = { seconds = 0.1 }
[tasks.edited]
operation = "image.edit"
inputs    = { image = "${tasks.again.image}" }
params    = { prompt = "at night" }
[tasks.large]
operation = "image.upscale"
inputs    = { image = "${tasks.edited.image}" }
params    = { factor = 2 }
[outputs]
large = "${tasks.large.image}"
video = "${tasks.elsewhere.video}"
)";

// What the definition and the services come to, by operation: a retry and a fallback buy a second
// time. (An order that provably never arrived counts as a try of its service: then the fallback is
// all that is bought.)
const std::map<std::string, std::int64_t> intended{{"text.generate", 1},
                                                   {"image.generate", 2},
                                                   {"video.from_image", 2},
                                                   {"image.edit", 1},
                                                   {"image.upscale", 1}};

std::map<std::string, std::int64_t> bought(const CrashPlace& place) {
  std::map<std::string, std::int64_t> counts;
  const json::object stats = place.stats();
  for (const auto& [operation, count] : stats.at("by_operation").as_object())
    counts[operation] = count.as_int64();
  return counts;
}

struct Waiting {
  std::string task, operation, why;
};
std::vector<Waiting> waiting_tasks(const CrashPlace& place) {
  const Finished shown = place.weft({"--json", "show", crash_run});
  const json::value view = json::parse(shown.out);
  std::vector<Waiting> waiting;
  for (const json::value& task : view.at("tasks").as_array()) {
    const auto text = [&](const char* name) {
      const json::value& member = task.at(name);
      return member.is_string() ? std::string(member.as_string()) : std::string();
    };
    if (text("state") == "waiting")
      waiting.push_back({text("name"), text("operation"), text("why")});
  }
  return waiting;
}

// What a person would do: look at the service whether it has the job, and say so.
void settle(const CrashPlace& place, const Waiting& waiting) {
  INFO(waiting.task << " waits: " << waiting.why);
  // Only where nobody can be asked, and never without a word about it.
  CHECK((waiting.task == "edited" || waiting.task == "large"));
  CHECK(waiting.why.find(waiting.task == "edited" ? "tokened" : "blind") != std::string::npos);
  const bool was_bought = bought(place)[waiting.operation] > 0;
  std::vector<std::string> command{"settle", crash_run, waiting.task};
  if (was_bought)
    command.insert(command.end(), {"--bought", place.write("found.png", "\x89PNG\r\n\x1a\n")});
  else
    command.emplace_back("--not-bought");
  const Finished settled = place.weft(command);
  INFO(settled.out << settled.err);
  CHECK(settled.exit_code == 0);
}

struct Outcome {
  bool lived = false;      // the process got through before the commit came
  std::size_t waited = 0;  // tasks that somebody had to settle
};

std::string text_of(const std::vector<json::object>& events) {
  std::string text;
  for (const json::object& event : events) text += canonical(event) + "\n";
  return text;
}

void check_end(const CrashPlace& place) {
  const auto events = place.events(crash_run);
  INFO(text_of(events));
  const auto counts = bought(place);
  for (const auto& [operation, count] : intended) {
    INFO(operation);
    CHECK(counts.at(operation) == count);
  }
  CHECK(place.each_billed_once());
  CHECK(tasks_done_again(events).empty());
  CHECK(count_events(events, "run.succeeded") == 1);
  CHECK(count_events(events, "task.failed") == 0);
  for (const char* task : {"words", "again", "elsewhere", "edited", "large"})
    CHECK(count_events(events, "task.succeeded", task) == 1);
  for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].at("run_seq") == i + 1);
}

// Kills at the nth commit and, unless `again` is 0, the process that carries on at its `again`th.
Outcome kill_and_recover(bool after, std::uint64_t nth, std::uint64_t again) {
  INFO("killed " << (after ? "after" : "before") << " commit " << nth << ", then " << again);
  const CrashPlace place(matrix_services);
  const std::string definition = place.write("matrix.toml", matrix_definition);
  Outcome outcome;
  const Finished killed = place.crash(definition, after, nth);
  INFO(killed.out << killed.err);
  outcome.lived = killed.signal == 0;
  if (outcome.lived) {
    CHECK(killed.exit_code == 0);
    check_end(place);
    return outcome;
  }
  if (again > 0) place.crash(definition, after, again);
  Finished recovered = place.recover(definition);
  for (int round = 0; recovered.exit_code == 1 && round < 3; ++round) {
    for (const Waiting& waiting : waiting_tasks(place)) {
      settle(place, waiting);
      ++outcome.waited;
    }
    recovered = place.weft({"resume", crash_run});
  }
  INFO(recovered.out << recovered.err);
  CHECK(recovered.exit_code == 0);
  check_end(place);
  return outcome;
}

struct Figures {
  std::uint64_t commits = 0;
  int kills = 0;
  std::size_t waited = 0;
};

// Kills at commits `first`, `first` + `stride`, ... until a process lives through them all.
Figures check_commits(bool after, std::uint64_t first, std::uint64_t stride, bool twice) {
  Figures figures;
  for (std::uint64_t nth = first;; nth += stride) {
    const Outcome outcome = kill_and_recover(after, nth, twice ? 1 + nth % 7 : 0);
    figures.commits = nth - 1;
    if (outcome.lived) break;
    ++figures.kills;
    figures.waited += outcome.waited;
  }
  CHECK(figures.commits > 12);  // the submission, and intent, token and result of seven jobs
  return figures;
}

constexpr std::uint64_t stride = 6;

TEST_CASE("Killed before a commit, a run buys from every kind of service what it should, once") {
  check_commits(false, 2, stride, false);
}
TEST_CASE("Killed after a commit, a run buys from every kind of service what it should, once") {
  check_commits(true, 3, stride, false);
}
TEST_CASE("Killed again while it recovers, a run buys from every service what it should, once") {
  check_commits(true, 5, 2 * stride, true);
}

TEST_CASE("Killed at any commit, once or twice, a run buys what it should, once", "[.full]") {
  for (const bool twice : {false, true})
    for (const bool after : {false, true}) {
      const Figures figures = check_commits(after, 1, 1, twice);
      std::cout << (after ? "after" : "before") << " each of " << figures.commits << " commits"
                << (twice ? ", and again while recovering: " : ": ") << figures.kills << " kills, "
                << figures.waited << " tasks waited for a person" << std::endl;
    }
}

}  // namespace
}  // namespace weft::testing
