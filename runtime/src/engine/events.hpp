// SPDX-License-Identifier: Apache-2.0
// What happens to the engine: the events that go into the core.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "model/batch.hpp"
#include "model/binding.hpp"
#include "model/growth.hpp"
#include "route/choose.hpp"

namespace weft::engine {

// The time and the randomness that a step may use: values, so that a step is a pure function.
struct Moment {
  Timestamp now{};
  std::array<std::uint64_t, 2> random{};
};

// ---- from people and programs

// A new run. `run` has id, pipeline, limit, priority and created_at; its state is the core's
// business.
struct SubmitRun {
  RunRecord run;
  std::shared_ptr<const Plan> plan;
};
// A run that the store had: taken over from a dead runtime, or inserted by a client.
struct LoadRun {
  StoredRun stored;
  std::shared_ptr<const Plan> plan;
};
struct GiveCommand {
  Command command;
};
struct ServicesChanged {
  std::shared_ptr<const route::ServiceTable> table;
  // False: a service has only said anew what it does. What a reading of the configuration mends,
  // such as an account, stays as it is.
  bool configuration_read = true;
};
// What an earlier process knew of services. Before anything else, if at all.
struct RestoreServices {
  std::vector<ServiceHealth> known;
};
// Stop dispatching, end local work as `interrupted`, leave remote jobs alone.
struct ShutDown {};

// ---- answers to the core's questions (Ask); `ticket` is the question's

struct TaskBound {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
  result<Binding> binding;
};
// `bound` and `keys` are the question's.
struct ResultLookedUp {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
  std::shared_ptr<const BoundTask> bound;
  std::vector<std::shared_ptr<const ResultKey>> keys;
  std::optional<FoundResult> found;
};
struct ServiceChosen {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
  std::shared_ptr<const BoundTask> bound;
  route::Decision decision;
};
struct RunOutputsBound {
  RunId run;
  BoundOutputs outputs;
};

struct NodeExpanded {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
  result<std::optional<Expansion>> expansion;  // nothing: its `if` is false
};
struct BodyOutputsBound {
  RunId run;
  TaskNo task = 0;
  std::uint32_t ticket = 0;
  BoundOutputs outputs;
};

// ---- from services

// The first sign of life.
struct JobStarted {
  AttemptRef attempt;
  bool by_service = false;  // the service has said so; else only the plugin has taken the job
};
// `op` names the statement, so that the service hears when it is durable.
struct JobCheckpointed {
  AttemptRef attempt;
  std::uint64_t op = 0;
  std::string token;
};
struct JobResult {
  Outcome outcome = Outcome::ok;
  std::string message;
  Duration retry_after{};                        // what the service asks for; 0 nothing
  MaybeMoney cost;                               // none: the service did not say
  bool cost_estimated = false;                   // it is not what was billed
  json::object outputs;                          // artifacts and plain values by name
  std::shared_ptr<const Usage> usage = nullptr;  // none: nobody knows
};
struct JobEnded {
  AttemptRef attempt;
  JobResult result;
};
// The answer to ProbeService.
struct ServiceProbed {
  std::string service;
  Outcome outcome = Outcome::ok;  // what a job would end with now; `deadline`: no answer
  std::string message;
  bool vouched = false;  // with `ok`: the service itself has told something of how it is
};

// ---- from the store

// Somebody else raised the run's epoch: this runtime has lost it.
struct RunFenced {
  RunId run;
};
// The durable ledger would not take the reservation of an attempt that has not been dispatched yet.
struct ReservationRefused {
  AttemptRef attempt;
};

// Time has passed.
struct Tick {};

using Event = std::variant<SubmitRun, LoadRun, GiveCommand, ServicesChanged, RestoreServices,
                           ShutDown, TaskBound, ResultLookedUp, ServiceChosen, RunOutputsBound,
                           NodeExpanded, BodyOutputsBound, JobStarted, JobCheckpointed, JobEnded,
                           ServiceProbed, RunFenced, ReservationRefused, Tick>;

}  // namespace weft::engine
