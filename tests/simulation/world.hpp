// SPDX-License-Identifier: Apache-2.0
// A whole simulated world: services, a store, one runtime after the other, and people.
#pragma once
#include <memory>
#include <unordered_map>

#include "landscape.hpp"
#include "model_store.hpp"
#include "pipelines.hpp"
#include "process.hpp"
#include "remote.hpp"
#include "rules.hpp"
#include "scene.hpp"

namespace weft::simulation {

class World {
 public:
  explicit World(const Options& options);

  // Until the options' steps are done; then everything is brought to its end. Throws Violation.
  void run();

  Scene& scene() noexcept { return scene_; }
  ModelStore& store() noexcept { return store_; }

 private:
  // ---- world.cpp: the process, and the passing of time
  void start_process();
  void crash();
  void shut_down();
  void end_if_shut_down(std::uint64_t number, int patience);
  void fence();
  void adopt();
  void change_services();
  void forget_old_runs();
  void pass(Duration span);
  void run_one();
  void calm_down();
  void require_rest();
  void finish_everything();

  // ---- operator.cpp: what people do
  void tick();
  void tick_later();
  void submit();
  void any_command();
  void any_answer(const StoredRunRows& run);
  Command answer_for(const StoredRunRows& run, const TaskRecord& task);
  void service_command();
  void enable_all_services();
  void help();
  void help(StoredRunRows& run);
  void give(Command command);
  Command command_for(const StoredRunRows& run, CommandKind kind);
  void settle(const StoredRunRows& run, Command& command);
  std::size_t unfinished() const;

  Scene scene_;
  Landscape landscape_;
  Pipelines pipelines_;
  Rules rules_;
  ModelStore store_;
  Services services_;
  std::shared_ptr<const route::ServiceTable> table_;
  std::unique_ptr<Process> process_;
  std::unordered_map<RunId, Timestamp> held_by_another_;  // until when
  std::uint64_t processes_ = 0, next_id_ = 1;
  std::uint64_t next_calm_ = 0;
  std::uint32_t tempo_ms_ = 500;
};

}  // namespace weft::simulation
