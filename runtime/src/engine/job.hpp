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
  std::shared_ptr<const Pipeline> pipeline;  // that the task is of; the plan may grow meanwhile
  std::uint32_t definition = 0;
  std::uint32_t item = PlanNode::no_item;
  std::shared_ptr<const std::string> prefix;  // PlanScope's
  std::shared_ptr<const BoundTask> task;
  Uuid idempotency_key;  // of the attempt; the same when it is attached
  Deadline deadline;
  MaybeMoney budget;  // what the attempt may cost; none: no limit

  const std::string& operation() const { return pipeline->tasks[definition].operation->name; }
  // "video[3]", for people.
  std::string label() const {
    return display_name(prefix.get(), pipeline->tasks[definition], item);
  }
};

}  // namespace weft::engine
