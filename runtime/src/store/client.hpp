// SPDX-License-Identifier: Apache-2.0
// The store, as every process has it that does not execute: it hands in runs and commands, which
// the executing runtime notices. Synchronous; for one thread at a time. Reading is store::Queries.
#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "model/batch.hpp"
#include "store/options.hpp"
#include "store/schedules.hpp"
#include "store/views.hpp"

namespace weft::store {

class Client {
 public:
  // Makes folder and database when they are missing. Takes no lock.
  static result<std::unique_ptr<Client>> open(const Options& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Durable on return. The id is the caller's, so submitting twice is submitting once. The run
  // belongs to nobody (epoch 0) until a runtime claims it.
  result<> submit(const InsertRun& run);
  // The same for a command. Kind `not_found` when there is no such run or task. Its answer is read
  // with Queries::answer().
  result<> submit(const Command& command);
  // The version that is the newest of its name from now on. Its number and time are the store's to
  // give; not `is_new` when the newest one means the same already.
  struct Saved {
    SavedPipeline version;
    bool is_new = false;
  };
  result<Saved> save_pipeline(const Pipeline& pipeline, SavedPipeline version);
  // Says something of a version of a product, or takes it back; saying it twice is saying it once.
  // A product has one pinned version at most: pinning one takes the pin from another.
  result<> mark(std::string_view project, const ProductMark& mark);
  result<> unmark(std::string_view project, const ProductMark& mark);
  // The run gives way to that one, which may come later; nothing: to none any more.
  result<> replace(RunId run, std::optional<RunId> by);
  // Makes a schedule known, or what is written of it.
  result<> put_schedule(const ScheduleRow& row);
  // With what waits in it and its history, so that another one of its name knows of no cause; its
  // runs go on.
  result<> remove_schedule(const std::string& name);
  // One that goes on begins now: what passed while it was paused counts as decided.
  result<> pause_schedule(const std::string& name, bool paused);
  // Everything up to there is decided. `missed`: the data of an event about times that nobody was
  // there for; empty: none.
  result<> consider(const std::string& name, Timestamp considered, std::uint64_t cursor,
                    const json::object& missed);
  // What is decided of a cause, together with the run that it starts (null: none) and with what it
  // cancels. False when it was decided before; nothing happens then.
  result<bool> fire(const FiringRow& firing, const InsertRun* run,
                    const std::vector<Command>& cancels);
  // Adds a value of a secret; `alone`: in place of all others of its name. Kind `conflict` when the
  // name has that number already.
  result<> put_secret(const SecretRow& secret, bool alone);
  // Of one number, or all. Kind `not_found` when there was none.
  result<> remove_secret(std::string_view name, std::optional<std::int64_t> no);

 private:
  struct State;
  explicit Client(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weft::store
