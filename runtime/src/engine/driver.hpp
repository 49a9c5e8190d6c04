// SPDX-License-Identifier: Apache-2.0
// The one loop that orders "commit, then act". It takes every event that has arrived, runs the core
// until nothing more follows, hands the store one batch, and does what came out only when that
// batch is durable. Nothing else in weft decides about this order.
//
// Threads: all calls from one thread, the engine's.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/core.hpp"
#include "engine/fresh_results.hpp"
#include "engine/output_cache.hpp"
#include "engine/ports.hpp"

namespace weft::engine {

// What became of a batch.
struct Committed {
  BatchNo no = 0;
  std::vector<RunId> fenced;        // lost to another runtime: nothing of theirs was written
  std::vector<AttemptRef> refused;  // reservations that the durable ledger would not take
};

struct JobProgress {
  AttemptRef attempt;
  std::int32_t permille = -1;
  std::string stage;
};

class Driver {
 public:
  struct Ports {
    StorePort& store;
    ServicesPort& services;
    ClockPort& clock;
    RandomPort& random;
    Callers& callers;
  };
  Driver(Ports ports, std::shared_ptr<const route::ServiceTable> services);

  // An event for the next turn.
  void deliver(Event event) { inbox_.push_back(std::move(event)); }
  void progressed(JobProgress progress);
  // Runs one turn: everything delivered so far, and everything that is due.
  void turn();
  bool has_events() const noexcept { return !inbox_.empty(); }
  // When turn() would do something although nothing was delivered.
  Deadline next_wake() const;

  // From the store, in the order of the batches.
  void committed(const Committed& committed);
  void commit_failed(const Error& error);
  // `outputs` in the order of `tasks`; null for a node without outputs.
  void outputs_loaded(RunId run, const std::vector<TaskNo>& tasks,
                      result<std::vector<json::value>> outputs);
  // Of `found` only the digest of its key is looked at. Nothing, or an error: there is none.
  void result_found(LookupNo no, result<std::optional<FoundResult>> found);

  const Core& core() const noexcept { return core_; }
  // Everything handed to the store is durable and acted on.
  bool quiet() const noexcept { return inbox_.empty() && waiting_.empty(); }

 private:
  void run_steps();
  void step(Event&& event);
  void answer_all();
  void answer(Ask&& ask);
  void answer_binding(const AskBinding& ask);
  void answer_result(AskResult&& ask);
  void answer_result(AskResult&& ask, std::optional<FoundResult> found);
  void answer_choice(AskChoice&& ask);
  void answer_run_outputs(const AskRunOutputs& ask);
  void answer_expansion(const AskExpansion& ask);
  void answer_body_outputs(const AskBodyOutputs& ask);
  auto outputs_of(RunId run, const Plan& plan);
  // True when all of `tasks` are at hand; else they are being loaded and `ask` waits.
  bool at_hand(RunId run, const Plan& plan, const std::vector<TaskNo>& tasks, const Ask& ask);
  void forget(RunId run);
  void add_progress(Batch& batch);
  void commit(Effects effects);
  std::vector<RunId> rested_in(const Batch& batch) const;
  void act(const Act& act);

  struct Waiting {
    BatchNo no = 0;
    std::vector<Act> acts;
    bool events = false;
    std::vector<RunId> rested;  // whose last step this may have been
  };
  struct Loading {
    RunId run;
    std::unordered_set<TaskNo> missing;
    Ask ask;
  };

  Ports ports_;
  Core core_;
  OutputCache outputs_;
  std::shared_ptr<const route::ServiceTable> services_;
  std::vector<Event> inbox_;
  FreshResults fresh_;
  std::map<LookupNo, AskResult> lookups_;  // that the store has not answered
  LookupNo last_lookup_ = 0;
  BatchNo last_durable_ = 0;
  std::vector<NewOutputs> given_;  // of the present step
  std::vector<FoundResult> made_;  // so
  std::vector<Ask> asked_;         // that are being answered
  std::deque<Waiting> waiting_;    // batches that are not durable yet, with what waits for them
  std::vector<Loading> loading_;   // asks that wait for outputs from the store
  std::unordered_map<TaskRef, JobProgress> progress_;
  Timestamp progress_written_at_{};
  Timestamp now_{};
  BatchNo last_no_ = 0;
  bool failed_ = false;
};

}  // namespace weft::engine
