// SPDX-License-Identifier: Apache-2.0
// The configured services, alive: plugin libraries loaded, an instance per service, and the table
// that routing sees.
#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "artifact/artifact_store.hpp"
#include "engine/driver.hpp"
#include "engine/ports.hpp"
#include "plugin/host.hpp"
#include "route/services.hpp"
#include "shell/environment.hpp"

namespace weft::shell {

// Where what services say goes; called on any thread.
class ServiceEvents {
 public:
  virtual ~ServiceEvents() = default;
  virtual void happened(engine::Event event) = 0;
  virtual void progressed(engine::JobProgress progress) = 0;
};

// What a board stands on; all of it outlives the board.
struct BoardParts {
  std::shared_ptr<const Environment> environment;
  artifact::ArtifactStore& artifacts;
  plugin::StateStore& state;
  std::filesystem::path work_folder;
  ServiceEvents& events;
};

class ServiceBoard final : public engine::ServicesPort {
 public:
  // Loads the libraries and asks every adapter what it offers. What is wrong with one service makes
  // that service unavailable, with the reason; the rest works.
  static result<std::unique_ptr<ServiceBoard>> open(BoardParts parts);
  // Drains, if drain() was not called, without waiting.
  ~ServiceBoard() override;

  std::shared_ptr<const route::ServiceTable> table() const;
  std::vector<ServiceView> services() const;
  std::vector<PluginView> plugins() const;

  // Lets go of everything: local work is ended, remote jobs stay where they are, and nothing is
  // said any more.
  void drain(Duration limit);

  // Each returns at once; any thread.
  void submit(engine::Job job) override;
  void attach(engine::Job job, std::string token) override;
  void cancel(AttemptRef attempt) override;
  void interrupt(AttemptRef attempt) override;
  void checkpointed(AttemptRef attempt, std::uint64_t op) override;

 private:
  class Impl;
  explicit ServiceBoard(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A board for looking only: it stands on a temporary folder and never runs a job.
class DescribingBoard {
 public:
  static result<std::unique_ptr<DescribingBoard>> open(
      std::shared_ptr<const Environment> environment);
  ~DescribingBoard();
  const ServiceBoard& board() const noexcept;

 private:
  struct State;
  explicit DescribingBoard(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace weft::shell
