// SPDX-License-Identifier: Apache-2.0
// What others hand in through the store: runs and commands of other processes, and what a dead
// runtime left. It claims, plans again, and gives it all to the driver.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "engine/driver.hpp"
#include "shell/definition_memory.hpp"
#include "shell/environment.hpp"
#include "shell/news.hpp"
#include "shell/service_board.hpp"
#include "store/queries.hpp"
#include "store/store.hpp"

namespace weft::shell {

// All of it on the engine's thread.
class Intake {
 public:
  // Everything referred to outlives the intake.
  struct Parts {
    boost::asio::io_context& io;
    store::Store& store;
    store::Queries& queries;
    const Environment& environment;
    const ServiceBoard& board;
    engine::Driver& driver;
    bool take_runs;  // not only what commands are about
    std::function<void()> want_turn;
    News& news;
  };
  explicit Intake(Parts parts) : parts_(std::move(parts)), poll_(parts_.io) {}

  // Takes up every run that can move, and looks around from now on.
  result<> begin();
  // Takes in nothing more.
  void close();
  // Looks for what is new at once.
  void look_around();
  // Is this run of the store on its way into the engine?
  bool is_taking_over(RunId run) const { return claiming_.contains(run); }
  // The engine has answered a command.
  void answered(CommandId command) { open_commands_.erase(command); }
  // The engine has lost a run, and answers nothing that was asked of it.
  void fenced(RunId run);

 private:
  void poll_later();
  void give(const Command& command);
  void answer(const Command& command, const RunRecord& run, const Error& error);
  void take_over(RunId run, std::optional<Command> command);
  void load(StoredRun stored, const std::optional<Command>& command);
  void refuse(const StoredRun& stored, const Error& error, const std::optional<Command>& command);
  void deliver(engine::Event event);
  void commit(Batch batch);

  Parts parts_;
  DefinitionMemory definitions_;
  boost::asio::steady_timer poll_;
  std::unordered_map<CommandId, RunId> open_commands_;  // given to the engine, not answered yet
  std::unordered_set<RunId> claiming_;
  bool closed_ = false;
};

}  // namespace weft::shell
