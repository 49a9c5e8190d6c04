// SPDX-License-Identifier: Apache-2.0
// What services do with jobs: the remote side, which outlives every crash of the runtime, and the
// adapter's side of a job, which dies with the process.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/driver.hpp"
#include "landscape.hpp"
#include "model_store.hpp"
#include "scene.hpp"

namespace weft::simulation {

// A job as the service has it.
struct RemoteJob {
  AttemptRef attempt;
  Uuid key;
  std::string service;
  std::string operation;
  bool accepted = false;  // the service has it
  bool over = false;      // and is done with it, or has been told to stop
  bool silent = false;    // it never answers of itself
  Timestamp ends_at{};
  engine::JobResult result;
  std::uint64_t checkpoints = 0;  // announced so far, over all processes
};

class Services {
 public:
  // What one process hears. `deliver` and `progress` go to its driver.
  struct Ears {
    std::function<void(engine::Event)> deliver;
    std::function<void(engine::JobProgress)> progress;
    std::function<void(const AttemptRef&, const engine::JobResult&)> ended;
  };

  Services(Scene& scene, Landscape& landscape) : scene_(scene), landscape_(landscape) {}

  // A new process listens; what the last one had open is closed.
  void connect(Ears ears);
  void disconnect();

  void submit(StoredAttempt& attempt, const engine::Job& job);
  void attach(StoredAttempt& attempt, const engine::Job& job);
  void cancel(const AttemptRef& attempt);
  void interrupt(const AttemptRef& attempt);

  // What a service says now when it is asked whether it is well.
  engine::ServiceProbed probed(const std::string& service);
  // From now on everything answers well and soon, what is open too.
  void be_well();
  std::size_t open_jobs() const noexcept { return open_.size(); }
  bool has_open(const AttemptRef& attempt) const { return open_.contains(attempt); }

 private:
  // The adapter's side: of one process.
  struct Connection {
    std::shared_ptr<RemoteJob> job;
    bool local = false;
    bool tokens = false;
    std::uint64_t number = 0;
  };
  void open(const std::shared_ptr<RemoteJob>& job, const ModelService& model);
  void speak(const Connection& connection, Duration until_end);
  void end(const AttemptRef& attempt, std::uint64_t connection, engine::JobResult result);
  void end_later(const Connection& connection, Duration after, engine::JobResult result);
  void answer(const AttemptRef& attempt, const engine::JobResult& result);
  bool is_open(const AttemptRef& attempt, std::uint64_t connection) const;
  void in_process(Duration after, std::function<void()> happening);
  engine::JobResult success(const ModelService& model, const std::string& operation);
  engine::JobResult failure(const ModelService& model, const std::string& operation);
  void decide(RemoteJob& job, const ModelService& model);
  MaybeMoney bill(const ModelService& model);

  Scene& scene_;
  Landscape& landscape_;
  Ears ears_;
  std::uint64_t process_ = 0;
  std::uint64_t next_connection_ = 0;
  std::map<AttemptRef, Connection> open_;
};

}  // namespace weft::simulation
