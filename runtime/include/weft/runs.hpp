// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: what is planned, and what becomes of it (Runtime::plan, runs, tasks,
// events).
#pragma once
#include <weft/projection.hpp>
#include <weft/result.hpp>
#include <weft/services.hpp>
#include <weft/usage.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weft {

// A definition expanded for its inputs, without running anything.
struct PlannedTask {
  std::string name;       // "video", a group; "video[3]", an item
  std::string operation;  // "" of a task whose work is a pipeline
  bool group = false;     // it stands for others: its items, or the tasks of its pipeline
  std::vector<std::string> services;  // that would be asked, the first one first
  std::string estimate;               // of the first one: "0.04 USD", "free"; "": unknown
  std::vector<std::string> waits_for;
  bool later = false;          // of a group: what it stands for is known only in the run
  ForecastView forecast = {};  // of the first service; of a group nothing
};
struct PlanView {
  std::string pipeline;
  std::vector<PlannedTask> tasks;
  std::vector<std::string> outputs;  // their names
  std::vector<Diagnostic> warnings;
  ProjectionView projection;
};

// ----------------------------------------------------------------------------------------------------
// looking

struct RunView {
  std::string id;
  std::string pipeline;
  std::string state;   // active, paused, succeeded, degraded, failed, cancelled
  std::string reason;  // of a pause: asked, budget
  bool cancelling = false;
  TimePoint created_at{};
  std::optional<TimePoint> ended_at;
  std::map<std::string, std::uint32_t> tasks;  // with work of their own: how many are in each state
  std::string spent;                           // "1.20 USD"; "": nothing
  std::string reserved;
  std::string limit;
  std::string owner;         // which process executes it now; "": none
  bool unattended = false;   // it has not ended, and no process executes the folder: resume()
  std::string outputs_json;  // an object, once it has ended well; else ""
  std::map<std::string, std::string> output_errors;  // of those that it lacks: why
  std::string forked_from;  // the run that it took results over from; "" none
  // The run that it gives way to, and that goes on in its place: another make() of its project
  // wanted more. That one is there once this one has ended. "" none.
  std::string replaced_by;
};

struct AttemptView {
  std::uint32_t number = 0;
  std::string service;
  std::string outcome;  // "" while it runs
  std::string message;
  TimePoint started_at{};
  std::optional<TimePoint> ended_at;
  std::string cost;  // "" unknown
  bool cost_estimated = false;
  UsageView usage;
};

struct TaskView {
  std::uint32_t number = 0;  // within its run
  std::string name;          // "video[3]"
  std::string operation;
  bool group = false;
  std::uint32_t item_count = 0;  // of a group
  std::string state;  // pending, ready, running, waiting, succeeded, failed, skipped, cancelled
  bool unattended = false;  // "running" is how a runtime left it that has gone
  std::string why;          // why it is not running yet, or why it waits or failed; one sentence
  std::string service;      // of the newest attempt
  std::uint32_t attempt = 0;
  std::int32_t permille = -1;  // of a running one; -1 unknown
  std::string stage;
  std::optional<TimePoint> started_at;  // of the newest attempt
  std::optional<TimePoint> ended_at;
  std::string cost;  // of all attempts; "" unknown
};

struct TaskDetail {
  TaskView task;
  std::vector<AttemptView> attempts;
  std::string decision_json;  // of the newest attempt: candidates, exclusions, choice
  std::string outputs_json;   // "" none yet
  // Whose result it has taken, or why it has taken none: sentences, then what differs from the
  // nearest result that is kept, a line each.
  std::vector<std::string> cache;
  // Of a task that waits for people: what they are asked, the data of its event task.waiting
  // (runtime/README.md); else "".
  std::string question_json;
};

struct EventView {
  std::uint64_t cursor = 0;   // hand the last one back to go on after it; means nothing else
  std::string run;            // "" for an event about a service
  std::uint64_t run_seq = 0;  // dense within the run: a gap is a loss
  TimePoint at{};
  std::string type;       // "task.succeeded"; runtime/README.md lists them
  std::string task;       // "video[3]"; "" for an event of the run
  std::string data_json;  // an object
};

}  // namespace weft
