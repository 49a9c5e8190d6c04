// SPDX-License-Identifier: Apache-2.0
// The engine's driver on the real store, with a service that ends every job in the moment it gets
// it: what is left is the price of being durable. The calling thread is the engine's.
#pragma once
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/driver.hpp"
#include "harness.hpp"
#include "store/store.hpp"

namespace weft::bench {

class EngineLoad final : public engine::StorePort,
                         public engine::ServicesPort,
                         public engine::ClockPort,
                         public engine::RandomPort,
                         public engine::Callers {
 public:
  // Submits one run of `plan` for each in flight, and another whenever one ends.
  EngineLoad(const store::Options& options, std::shared_ptr<const Plan> plan,
             std::uint32_t in_flight);
  ~EngineLoad() override;
  EngineLoad(const EngineLoad&) = delete;
  EngineLoad& operator=(const EngineLoad&) = delete;

  // Steps until the moment; an operation is a step whose intent, with the end of the one before, is
  // durable.
  Work work();
  // Until every run has ended; no further one is submitted.
  void finish();
  // One run more, from its submission to its end.
  void run_one();
  std::uint64_t commits() const noexcept { return store_->commit_count(); }

  // ---- ports
  void commit(engine::BatchNo no, Batch batch) override;
  void load_outputs(RunId, std::vector<TaskNo>) override;
  void find_result(engine::LookupNo, std::vector<Digest>, Timestamp) override {}  // nothing asks
  void submit(engine::Job job) override;
  void attach(engine::Job job, std::string token) override;
  void cancel(AttemptRef) override {}
  void interrupt(AttemptRef) override {}
  void checkpointed(AttemptRef, std::uint64_t) override {}
  void probe(const std::string&) override {}
  Timestamp now() override;
  std::uint64_t next() override;
  void accepted(RunId) override {}
  void answered(const CommandAnswer&) override {}
  void published() override {}
  void rested(RunId) override {}
  void fenced(RunId) override {}
  void store_failed(const Error& error) override;

 private:
  void submit_run();
  // Delivers the ends of what was dispatched.
  void end_jobs();
  // Waits for the store; false when nothing is under way there.
  bool wait_for_commits();

  const std::shared_ptr<const Plan> plan_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Driver> driver_;
  std::vector<AttemptRef> dispatched_;
  std::uint64_t steps_ = 0;
  std::uint64_t next_run_ = 1;
  std::uint64_t random_ = 1;
  std::size_t wanted_runs_;
  std::size_t under_way_ = 0;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<engine::Committed> done_;
};

}  // namespace weft::bench
