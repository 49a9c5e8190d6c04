// SPDX-License-Identifier: Apache-2.0
// What happened, in order: always as one hash (two equal histories have the same), on demand as
// lines to read. And how often what happened: the proof that a simulation has been somewhere.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "model/outcome.hpp"
#include "timeline.hpp"

namespace weft::simulation {

// A rule of weft that did not hold.
struct Violation : std::runtime_error {
  Violation(std::string broken_rule, const std::string& what, RunId of_run)
      : std::runtime_error(what), rule(std::move(broken_rule)), run(of_run) {}
  std::string rule;
  RunId run;
};

class Journal {
 public:
  // `lines_at_most`: how many of the newest lines are kept; 0 none.
  Journal(const Timeline& timeline, std::size_t lines_at_most)
      : timeline_(timeline), lines_at_most_(lines_at_most) {}

  void note(std::string_view what, const AttemptRef& where, std::string_view detail = {});
  void note(std::string_view what, RunId run, std::string_view detail = {}) {
    note(what, AttemptRef{run, none, 0}, detail);
  }
  bool keeps_lines() const noexcept { return lines_at_most_ != 0; }
  std::uint64_t hash() const noexcept { return hash_; }

  struct Line {
    Timestamp at{};
    std::string what;
    AttemptRef where;
    std::string detail;
    std::string to_string() const;
  };
  const std::deque<Line>& lines() const noexcept { return lines_; }

  static constexpr TaskNo none = UINT32_MAX;

 private:
  void mix(std::uint64_t value) noexcept {
    hash_ = (hash_ ^ value) * 0x100000001b3u;
    hash_ ^= hash_ >> 29;
  }
  const Timeline& timeline_;
  std::size_t lines_at_most_;
  std::deque<Line> lines_;
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

struct Counts {
  std::uint64_t steps = 0, turns = 0, commits = 0;
  std::uint64_t submitted = 0, finished = 0, archived = 0;
  std::uint64_t crashes = 0, crashes_with_work = 0, lost_batches = 0, commit_failures = 0;
  std::uint64_t shutdowns = 0, fencings = 0, services_changed = 0;
  std::uint64_t dispatches = 0, paid_dispatches = 0, attaches = 0, attaches_by_key = 0;
  std::uint64_t fallbacks = 0, cancels = 0, interrupts = 0, duplicate_answers = 0, late_answers = 0;
  std::uint64_t late_results = 0, late_results_used = 0, checkpoints = 0, rebuys = 0;
  std::uint64_t budget_refusals = 0, budget_pauses = 0, refused_reservations = 0;
  std::uint64_t services_drained = 0, probes = 0, questions = 0, answers = 0;
  std::uint64_t commands = 0, commands_done = 0, skips = 0, grown = 0, settled = 0, calms = 0,
                compared = 0;
  std::uint64_t overtaken_slots = 0, degraded = 0;
  std::uint64_t opened = 0, trials = 0, recovered = 0, pauses_of_services = 0;
  std::uint64_t restarts_with_open = 0;
  std::uint64_t lookups = 0, results_taken = 0, results_waited_for = 0;
  std::map<Outcome, std::uint64_t> outcomes;  // of attempts that ended

  void add(const Counts& other);
  // As a table of two columns.
  std::string to_string() const;
};

}  // namespace weft::simulation
