// SPDX-License-Identifier: Apache-2.0
// From stored rows to what people see, and why a task stands where it stands.
#pragma once
#include <string>

#include "route/services.hpp"
#include "store/queries.hpp"
#include "weft/runtime.hpp"

namespace weft::shell {

// `executed`: some process executes the folder now.
result<RunView> show_run(store::Queries& queries, const store::RunView& row, bool executed);

// What explains a waiting task beside its own rows.
struct Surroundings {
  RunState run_state = RunState::active;
  PauseReason pause_reason = PauseReason::none;
  bool executed = false;  // some process executes the folder
  std::string slots;   // what a ready task of this operation waits for: "a slot of class 'gpu' (1)
                       // at comfy-a"
  std::string closed;  // why it can have none now: "comfy-a: left alone until ..."; "" it can
};
// What the store knows of services that stand in the way.
struct ServiceRows {
  const std::vector<ServiceHealth>& health;
  const std::vector<std::pair<std::string, std::uint32_t>>& under_way;
  Timestamp now{};
};
// What a ready task of the operation waits for.
void describe_wait(const route::ServiceTable& table, const std::string& operation,
                   const ServiceRows& rows, Surroundings& surroundings);

// What a task that waits for people asks of them, the data of its event; of a group its first item
// that waits. Empty: it waits for nobody.
result<json::object> waiting_question(store::Queries& queries, TaskRef ref);
result<std::string> explain(store::Queries& queries, TaskRef ref, const store::TaskDetail& detail,
                            const Surroundings& surroundings);

// What became of the attempts at a service: all together, then by operation; nothing when none
// ended.
std::vector<UseView> show_use(const std::vector<ServiceMinute>& use, std::string_view service);

// After what is under way there has been counted.
void show_health(const ServiceHealth& health, ServiceView& view);
TaskView show_task(const store::TaskDetail& detail, std::string why, bool executed);
AttemptView show_attempt(const AttemptRecord& attempt, const Usage& usage);
ArtifactView show_artifact(const store::ArtifactRef& ref, const std::string& task_label);

}  // namespace weft::shell
