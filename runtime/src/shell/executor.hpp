// SPDX-License-Identifier: Apache-2.0
// The executing runtime: it holds the lock of the state folder, and runs the engine on real ports.
//
// Threads: the engine's (the driver and nothing else), the store's writer, the services' I/O thread
// and workers. Everything reaches the engine's thread by a post.
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "artifact/artifact_store.hpp"
#include "model/plan.hpp"
#include "model/records.hpp"
#include "shell/environment.hpp"
#include "shell/news.hpp"
#include "shell/service_board.hpp"
#include "store/store.hpp"

namespace weft::shell {

// What an executor takes on.
enum class Duty {
  everything,  // every run that can move
  commands,  // only what commands ask for, and no dispatch: to pause or cancel what a dead runtime
             // left
};

class Executor {
 public:
  // Where the services come from: asked when the lock has been taken, for a board that has not
  // moved in anywhere yet.
  using BoardSource = std::function<result<std::shared_ptr<ServiceBoard>>()>;

  // Kind `conflict` when another process executes. `news` outlives the executor.
  static result<std::unique_ptr<Executor>> start(std::shared_ptr<const Environment> environment,
                                                 const BoardSource& services, Duty duty,
                                                 News& news);
  // Stops at once if stop() was not called; waits for local work that does not heed.
  ~Executor();

  // All of these: any thread.
  Duty duty() const noexcept;
  // Durable on return.
  result<RunId> submit(RunRecord run, std::shared_ptr<const Plan> plan);
  // Durable on return; its answer is read from the store.
  result<> submit(const Command& command);
  // Why nothing is executed any more, once the store has failed.
  std::optional<Error> failure() const;
  // Another runtime has taken this run away.
  bool lost(RunId run) const;
  std::shared_ptr<const ServiceBoard> board() const noexcept;
  artifact::ArtifactStore& artifacts() noexcept;
  store::Store& store() noexcept;

  // Stops dispatching, ends local work, leaves remote jobs alone, and frees the lock. Waits for
  // local work to end, unless `at_once`; that also hastens a stop that is under way in another
  // thread.
  void stop(bool at_once);

 private:
  class Impl;
  explicit Executor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::shell
