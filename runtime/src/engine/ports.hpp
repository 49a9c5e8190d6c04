// SPDX-License-Identifier: Apache-2.0
// The four ports of the engine: store, services, clock, random. The driver is written against them alone, so the whole
// engine runs under simulated ones. All calls come from the engine's thread and return at once; answers come back as
// events through Driver::deliver, which the implementation calls on the engine's thread too.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "model/batch.hpp"
#include "model/binding.hpp"

namespace weft::engine {

// Numbers the batches of one driver, from 1, in the order in which they are handed over and become durable.
using BatchNo = std::uint64_t;

class StorePort {
 public:
  virtual ~StorePort() = default;
  // Makes a batch durable as one transaction; several may share one. Answered by Committed, in order.
  virtual void commit(BatchNo no, Batch batch) = 0;
  // The outputs of finished tasks. Answered by OutputsLoaded.
  virtual void load_outputs(RunId run, std::vector<TaskNo> tasks) = 0;
};

// One attempt, as a service gets it.
struct Job {
  AttemptRef attempt;
  std::string service;
  std::string operation;
  std::shared_ptr<const BoundTask> task;
  std::string label;  // "video[3]"
  Uuid idempotency_key;
  Deadline deadline;
  MaybeMoney budget;  // what the attempt may cost; none: no limit
};

class ServicesPort {
 public:
  virtual ~ServicesPort() = default;
  // Starts an attempt whose intent is durable. Exactly one JobEnded follows.
  virtual void submit(Job job) = 0;
  // Goes on with an attempt after a restart; an empty token means: look it up by the idempotency key. Exactly one
  // JobEnded follows.
  virtual void attach(Job job, std::string token) = 0;
  // A wish: the end still comes. Remote work is cancelled at the service.
  virtual void cancel(AttemptRef attempt) = 0;
  // Ends local work because the runtime goes down; ends as `interrupted`.
  virtual void interrupt(AttemptRef attempt) = 0;
  // A checkpoint that the service announced with `op` is durable.
  virtual void checkpointed(AttemptRef attempt, std::uint64_t op) = 0;
};

class ClockPort {
 public:
  virtual ~ClockPort() = default;
  virtual Timestamp now() = 0;
};

class RandomPort {
 public:
  virtual ~RandomPort() = default;
  virtual std::uint64_t next() = 0;
};

}  // namespace weft::engine
