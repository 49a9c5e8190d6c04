// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "model/binding.hpp"
#include "model/plan.hpp"

namespace weft::engine {

// One attempt, as a service gets it.
struct Job {
  AttemptRef attempt;
  std::string service;
  std::shared_ptr<const Plan> plan;
  std::shared_ptr<const BoundTask> task;
  Uuid idempotency_key;  // of the attempt; the same when it is attached
  Deadline deadline;
  MaybeMoney budget;  // what the attempt may cost; none: no limit

  const std::string& operation() const {
    return plan->pipeline->tasks[plan->nodes[attempt.task].definition].operation->name;
  }
  // "video[3]", for people.
  std::string label() const { return display_name(*plan->pipeline, plan->nodes[attempt.task]); }
};

}  // namespace weft::engine
