// SPDX-License-Identifier: Apache-2.0
#include "engine_load.hpp"

#include <stdexcept>

#include "synthetic.hpp"

namespace weft::bench {

EngineLoad::EngineLoad(const store::Options& options, std::shared_ptr<const Plan> plan,
                       std::uint32_t in_flight)
    : plan_(std::move(plan)),
      store_(store::Store::open(options).value()),
      driver_(std::make_unique<engine::Driver>(
          engine::Driver::Ports{*this, *this, *this, *this, *this}, null_services(in_flight))),
      wanted_runs_(in_flight) {
  // One at a time, so that no batch holds all of them.
  for (std::uint32_t i = 0; i < in_flight; ++i) {
    submit_run();
    driver_->turn();
  }
  while (wait_for_commits()) driver_->turn();
}

EngineLoad::~EngineLoad() {
  store_.reset();  // its answers come to this object
}

void EngineLoad::submit_run() {
  driver_->deliver(engine::SubmitRun{run_of(*plan_, next_run_++), plan_});
}

Work EngineLoad::work() {
  return [this](Clock::time_point until) {
    const std::uint64_t before = steps_;
    while (Clock::now() < until) {
      while (driver_->core().loaded_runs() < wanted_runs_) {
        submit_run();
        driver_->turn();
      }
      end_jobs();
      driver_->turn();
      wait_for_commits();
    }
    while (wait_for_commits()) driver_->turn();
    return steps_ - before;
  };
}

void EngineLoad::finish() {
  wanted_runs_ = 0;
  do {
    end_jobs();
    driver_->turn();
  } while (wait_for_commits() || !dispatched_.empty());
}

void EngineLoad::run_one() {
  submit_run();
  finish();
}

void EngineLoad::end_jobs() {
  for (const AttemptRef& attempt : std::exchange(dispatched_, {})) {
    engine::JobEnded ended{attempt, {}};
    ended.result.outputs = {{"value", attempt.task}};
    driver_->deliver(std::move(ended));
  }
}

bool EngineLoad::wait_for_commits() {
  if (under_way_ == 0) return false;
  std::vector<engine::Committed> done;
  {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !done_.empty(); });
    done.swap(done_);
  }
  under_way_ -= done.size();
  for (const engine::Committed& one : done) driver_->committed(one);
  return true;
}

// As the shell's executor does it.
void EngineLoad::commit(engine::BatchNo no, Batch batch) {
  ++under_way_;
  const auto answer = [this, no](result<store::CommitReport> report) {
    const store::CommitReport made = std::move(report).value();
    {
      const std::lock_guard lock(mutex_);
      done_.push_back({no, made.fenced, made.refused});
    }
    arrived_.notify_one();
  };
  if (auto done = store_->commit_here(batch)) return answer(std::move(*done));
  store_->commit(std::move(batch), answer);
}

void EngineLoad::load_outputs(RunId, std::vector<TaskNo>) {
  throw std::logic_error("no synthetic plan reads outputs");
}
void EngineLoad::submit(engine::Job job) {
  ++steps_;
  dispatched_.push_back(job.attempt);
}
void EngineLoad::attach(engine::Job, std::string) {
  throw std::logic_error("nothing is left to attach");
}
Timestamp EngineLoad::now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}
std::uint64_t EngineLoad::next() {
  return random_ = random_ * 6364136223846793005u + 1442695040888963407u;
}
void EngineLoad::store_failed(const Error& error) {
  throw std::runtime_error(error.to_string());
}

}  // namespace weft::bench
