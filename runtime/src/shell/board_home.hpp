// SPDX-License-Identifier: Apache-2.0
// Where a service board lives. At first that is a temporary folder, which keeps nothing: so
// services can be described without a trace. An executor lets it move into the state folder, and
// out again when it ends; what services say then goes nowhere.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <shared_mutex>

#include "artifact/artifact_store.hpp"
#include "engine/driver.hpp"
#include "plugin/host.hpp"

namespace weft::shell {

// Where what services say goes; called on any thread.
class ServiceEvents {
 public:
  virtual ~ServiceEvents() = default;
  virtual void happened(engine::Event event) = 0;
  virtual void progressed(engine::JobProgress progress) = 0;
};

// The state folder of an executor. What is referred to must stay until the board has moved out.
struct BoardPlace {
  artifact::ArtifactStore artifacts;
  plugin::StateStore& state;
  std::filesystem::path work_folder;
  ServiceEvents& events;
};

// A folder that goes with its owner.
class TemporaryFolder {
 public:
  static result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// Any thread, where nothing else is said.
class BoardHome final : public plugin::StateStore, public ServiceEvents {
 public:
  static result<std::unique_ptr<BoardHome>> make_temporary();

  // While no job runs, on the thread that plugins are called on.
  void move_in(const BoardPlace& place);
  // When it returns, nothing of the place is used any more but its artifacts.
  void move_out();

  artifact::ArtifactStore& artifacts() noexcept { return artifacts_; }
  std::filesystem::path temporary_work_folder() const { return temporary_->path() / "work"; }

  std::optional<std::string> get(std::string_view service, std::string_view key) override;
  result<> put(std::string_view service, std::string_view key, std::string_view value) override;
  void happened(engine::Event event) override;
  void progressed(engine::JobProgress progress) override;

 private:
  BoardHome(TemporaryFolder folder, artifact::ArtifactStore artifacts)
      : temporary_(std::move(folder)), artifacts_(std::move(artifacts)) {}

  std::optional<TemporaryFolder> temporary_;
  artifact::ArtifactStore artifacts_;
  std::shared_mutex mutex_;  // of the two below; shared while one is being called
  plugin::StateStore* state_ = nullptr;
  ServiceEvents* events_ = nullptr;
};

}  // namespace weft::shell
