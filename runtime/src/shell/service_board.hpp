// SPDX-License-Identifier: Apache-2.0
// The configured services, alive: plugin libraries loaded, an instance per service, and the table
// that routing sees. A board that runs jobs looks at the files of the configuration every second:
// services and classes that have changed are made anew, the others go on, and what a removed one
// has under way is ended by it. Files with a mistake change nothing, and are logged.
#pragma once
#include <memory>
#include <vector>

#include "engine/ports.hpp"
#include "route/services.hpp"
#include "shell/board_home.hpp"
#include "shell/environment.hpp"

namespace weft::shell {

class ServiceBoard final : public engine::ServicesPort {
 public:
  // Loads the libraries and asks every adapter what it offers. What is wrong with one service makes
  // that service unavailable, with the reason; the rest works. It is for looking only, and writes
  // nothing but in a temporary folder.
  static result<std::shared_ptr<ServiceBoard>> open(std::shared_ptr<const Environment> environment);
  // From now on it runs jobs, until it is drained. Once.
  result<> move_in(BoardPlace place);
  // Drains, if drain() was not called, without waiting; but for local work that is not to be
  // interrupted it waits.
  ~ServiceBoard() override;

  // As it is now.
  std::shared_ptr<const route::ServiceTable> table() const;
  std::vector<ServiceView> services() const;
  std::vector<PluginView> plugins() const;
  // Asks a service whether it is well; waits for the answer, ten seconds at most. Not after
  // drain().
  CheckView check(std::string_view service) const;

  // Lets go of everything: local work is ended, remote jobs stay where they are. Afterwards nothing
  // is said any more, and the place it moved into may go.
  void drain(Duration limit);
  // Makes drain() return now, or as soon as it is called.
  void hasten();
  // Ends local work as `interrupted`, and tells so.
  void interrupt_all();

  // Each returns at once; any thread.
  void submit(engine::Job job) override;
  void attach(engine::Job job, std::string token) override;
  void cancel(AttemptRef attempt) override;
  void interrupt(AttemptRef attempt) override;
  void checkpointed(AttemptRef attempt, std::uint64_t op) override;
  void probe(const std::string& service) override;

 private:
  class Impl;
  explicit ServiceBoard(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::shell
