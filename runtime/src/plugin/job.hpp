// SPDX-License-Identifier: Apache-2.0
// One attempt as a plugin gets it, and what becomes of it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/money.hpp"
#include "base/time.hpp"
#include "model/binding.hpp"
#include "model/outcome.hpp"
#include "model/usage.hpp"

namespace weft::plugin {

struct Job {
  AttemptRef attempt;
  std::string operation;
  std::shared_ptr<const BoundTask> task;
  std::string label;     // "video[3]", for people
  Uuid idempotency_key;  // of the attempt; the same when it is attached
  Deadline deadline;
  MaybeMoney budget;  // what the attempt may cost; none: no limit
};

// How an attempt ended.
struct JobOutcome {
  Outcome outcome = Outcome::ok;
  std::string message;  // for people; "" when it went well
  std::optional<Duration> retry_after;
  MaybeMoney cost;                     // also of a failure; none: the plugin said nothing
  bool cost_is_estimated = false;      // the adapter reckons so; the service did not say
  std::shared_ptr<const Usage> usage;  // none: nobody knows
  // Artifacts as model/artifact.hpp writes them (arrays of them for what came several times), and
  // the plain outputs. Empty unless ok.
  json::object outputs;
};

// Told what plugins say. Any thread may call; statements about one attempt come in the order they
// were made, and nothing comes after `ended`. An implementation returns at once (it posts).
class JobSink {
 public:
  virtual ~JobSink() = default;
  // The first sign of life: the plugin accepted the job.
  virtual void started(AttemptRef attempt) = 0;
  // 0..1000, or -1 unknown.
  virtual void progressed(AttemptRef attempt, std::int32_t permille, std::string_view stage) = 0;
  // To be made durable, then answered by Instance::checkpointed with the same `op`.
  virtual void checkpoint(AttemptRef attempt, std::uint64_t op, std::string token) = 0;
  // Exactly once per submit or attach, unless a drain leaves the attempt to the next runtime.
  virtual void ended(AttemptRef attempt, JobOutcome outcome) = 0;
};

}  // namespace weft::plugin
