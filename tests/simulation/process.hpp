// SPDX-License-Identifier: Apache-2.0
// One incarnation of the executing runtime: the real driver and core between a model store and
// model services. What the shell does around them (claims, commands, alarms, turns) is done here in
// the same order. Destroying it is a crash.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/driver.hpp"
#include "model_store.hpp"
#include "remote.hpp"
#include "rules.hpp"

namespace weft::simulation {

class Process final : public engine::StorePort,
                      public engine::ServicesPort,
                      public engine::ClockPort,
                      public engine::RandomPort,
                      public engine::Callers {
 public:
  struct World {
    Scene& scene;
    ModelStore& store;
    Rules& rules;
    Services& services;
  };
  Process(World world, std::shared_ptr<const route::ServiceTable> table, std::uint64_t number);
  ~Process() override;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Takes up what is unfinished, and the commands that nobody has answered.
  void begin();
  void submit(const RunRecord& run, std::shared_ptr<const Plan> plan);
  // Sees runs and commands that came into the store.
  void look_around();
  void take_over(RunId run, std::optional<Command> command);
  void change_services(std::shared_ptr<const route::ServiceTable> table);
  void shut_down();

  bool has_failed() const noexcept { return failed_; }
  bool is_shutting_down() const noexcept { return shutting_down_; }
  bool may_end() const { return driver_->quiet() && driver_->core().may_stop(); }
  // Nothing is on its way anywhere.
  bool is_quiet() const noexcept {
    return driver_->quiet() && queue_.empty() && acknowledging_ == 0 && loads_ == 0 &&
           claiming_.empty() && !turn_wanted_;
  }
  std::size_t batches_in_flight() const noexcept { return queue_.size(); }
  const engine::Driver& driver() const noexcept { return *driver_; }
  const route::ServiceTable& table() const noexcept { return *table_; }

  // ---- ports
  void commit(engine::BatchNo no, Batch batch) override;
  void load_outputs(RunId run, std::vector<TaskNo> tasks) override;
  void find_result(engine::LookupNo no, std::vector<Digest> keys, Timestamp made_after) override;
  void submit(engine::Job job) override;
  void attach(engine::Job job, std::string token) override;
  void cancel(AttemptRef attempt) override;
  void interrupt(AttemptRef attempt) override;
  void checkpointed(AttemptRef attempt, std::uint64_t op) override;
  void probe(const std::string& service) override;
  Timestamp now() override { return world_.scene.now(); }
  std::uint64_t next() override;
  void accepted(RunId run) override;
  void answered(const CommandAnswer& answer) override;
  void published() override {}
  void rested(RunId) override {}
  void fenced(RunId run) override;
  void store_failed(const Error&) override { failed_ = true; }

 private:
  // What the store's thread has to do, in order.
  struct Order {
    engine::BatchNo no = 0;  // 0: not the driver's
    Batch batch;
    std::optional<RunId> claim;
    std::optional<Command> command;
  };
  void order(Order order);
  void carry_out_orders();
  void carry_out(Order order);
  void acknowledge(std::function<void()> tell);
  void claimed(RunId run, StoredRun stored, const std::optional<Command>& command);
  void give(const Command& command);

  void later(Duration after, std::function<void()> happening);
  void deliver(engine::Event event);
  void want_turn();
  void turn();
  void arm_alarm();
  void look_closely();

  World world_;
  std::shared_ptr<const route::ServiceTable> table_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Random random_;  // the engine's
  std::unique_ptr<engine::Driver> driver_;
  std::deque<Order> queue_;
  bool carrying_out_ = false;
  std::size_t acknowledging_ = 0, loads_ = 0;
  Timestamp last_acknowledged_{};
  std::unordered_map<CommandId, RunId> open_commands_;
  std::unordered_set<RunId> claiming_;
  std::unordered_set<std::string> probed_;  // services that have not answered yet
  std::vector<RunId> fenced_;               // to be forgotten after the next turn
  bool turn_wanted_ = false, failed_ = false, shutting_down_ = false;
  bool half_step_ = false;
  bool slots_may_be_overtaken_ = true;
  std::vector<std::uint32_t> used_before_;
  Deadline armed_for_ = Deadline::never();
};

}  // namespace weft::simulation
