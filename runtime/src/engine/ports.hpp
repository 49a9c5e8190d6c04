// SPDX-License-Identifier: Apache-2.0
// The four ports of the engine (store, services, clock, random), and the way back to whoever asked.
// The driver is written against them alone, so the whole engine runs under simulated ones. All
// calls come from the engine's thread and return at once; answers come back through the Driver, on
// the engine's thread too.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "engine/job.hpp"
#include "model/batch.hpp"

namespace weft::engine {

// Numbers the batches of one driver, from 1, in the order in which they are handed over and become
// durable.
using BatchNo = std::uint64_t;

// Numbers the questions for results of one driver.
using LookupNo = std::uint64_t;

class StorePort {
 public:
  virtual ~StorePort() = default;
  // Makes a batch durable as one transaction; several may share one. Answered by Driver::committed,
  // in order.
  virtual void commit(BatchNo no, Batch batch) = 0;
  // The outputs of nodes that ended well, in the order asked for. Answered by
  // Driver::outputs_loaded.
  virtual void load_outputs(RunId run, std::vector<TaskNo> tasks) = 0;
  // A result that is known by one of these keys, the first one first, and was made after that; its
  // artifacts are there, and stay. Answered by Driver::result_found.
  virtual void find_result(LookupNo no, std::vector<Digest> keys, Timestamp made_after) = 0;
};

class ServicesPort {
 public:
  virtual ~ServicesPort() = default;
  // Starts an attempt whose intent is durable. Exactly one JobEnded follows.
  virtual void submit(Job job) = 0;
  // Goes on with an attempt after a restart; an empty token means: look it up by the idempotency
  // key. One that is still under way here goes on as it is. Exactly one JobEnded follows.
  virtual void attach(Job job, std::string token) = 0;
  // A wish: the end still comes. Remote work is cancelled at the service.
  virtual void cancel(AttemptRef attempt) = 0;
  // Ends local work because the runtime goes down; it ends as `interrupted`.
  virtual void interrupt(AttemptRef attempt) = 0;
  // The checkpoint that a service announced with `op` is durable.
  virtual void checkpointed(AttemptRef attempt, std::uint64_t op) = 0;
  // Asks a service whether it is well, which costs nothing. One ServiceProbed follows soon, also
  // when it does not answer.
  virtual void probe(const std::string& service) = 0;
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

// Everything told here is durable.
class Callers {
 public:
  virtual ~Callers() = default;
  virtual void accepted(RunId run) = 0;
  virtual void answered(const CommandAnswer& answer) = 0;
  // Something new can be read from the store.
  virtual void published() = 0;
  // The run may have come to rest: it has ended, or nothing in it is ready or running any more.
  virtual void rested(RunId run) = 0;
  // This runtime has lost the run to another one; told once. Commands about it that have been
  // delivered and not answered get no answer: they have to be delivered again.
  virtual void fenced(RunId run) = 0;
  // The store could not make a batch durable: nothing of it happened, and nothing more will until a
  // restart.
  virtual void store_failed(const Error& error) = 0;
};

}  // namespace weft::engine
