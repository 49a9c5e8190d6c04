// SPDX-License-Identifier: Apache-2.0
#include "shell/board_home.hpp"

#include <mutex>

#include "shell/submission.hpp"

namespace weft::shell {

result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code failed;
  auto base = std::filesystem::temp_directory_path(failed);
  if (failed)
    return machine("there is no folder for temporary files: " + failed.message(), "set TMPDIR");
  auto path = base / ("weft-" + new_run_id().to_string());
  if (!std::filesystem::create_directory(path, failed))
    return machine("'" + path.string() + "' cannot be made: " + failed.message(),
                   "set TMPDIR to a folder with room");
  return TemporaryFolder(std::move(path));
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // what is left in a temporary folder is the system's to clean
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

result<std::unique_ptr<BoardHome>> BoardHome::make_temporary() {
  auto folder = TemporaryFolder::make();
  if (!folder) return std::move(folder).error();
  auto artifacts = artifact::ArtifactStore::open(folder->path() / "artifacts");
  if (!artifacts) return std::move(artifacts).error();
  return std::unique_ptr<BoardHome>(new BoardHome(std::move(*folder), std::move(*artifacts)));
}

void BoardHome::move_in(const BoardPlace& place) {
  const std::lock_guard lock(mutex_);
  artifacts_ = place.artifacts;
  state_ = &place.state;
  events_ = &place.events;
  temporary_.reset();
}

void BoardHome::move_out() {
  const std::lock_guard lock(mutex_);
  state_ = nullptr;
  events_ = nullptr;
}

std::optional<std::string> BoardHome::get(std::string_view service, std::string_view key) {
  const std::shared_lock lock(mutex_);
  return state_ ? state_->get(service, key) : std::nullopt;
}

result<> BoardHome::put(std::string_view service, std::string_view key, std::string_view value) {
  const std::shared_lock lock(mutex_);
  return state_ ? state_->put(service, key, value) : result<>{};
}

void BoardHome::happened(engine::Event event) {
  const std::shared_lock lock(mutex_);
  if (events_) events_->happened(std::move(event));
}

void BoardHome::progressed(engine::JobProgress progress) {
  const std::shared_lock lock(mutex_);
  if (events_) events_->progressed(std::move(progress));
}

}  // namespace weft::shell
