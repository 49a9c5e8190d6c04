// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "model/binding.hpp"

namespace weft::engine {

// One attempt, as a service gets it.
struct Job {
  AttemptRef attempt;
  std::string service;
  std::string operation;
  std::shared_ptr<const BoundTask> task;
  std::string label;     // "video[3]", for people
  Uuid idempotency_key;  // of the attempt; the same when it is attached
  Deadline deadline;
  MaybeMoney budget;  // what the attempt may cost; none: no limit
};

}  // namespace weft::engine
