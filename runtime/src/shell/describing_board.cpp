// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <mutex>

#include "base/text.hpp"
#include "shell/service_board.hpp"
#include "shell/submission.hpp"

namespace weft::shell {
namespace {

// A folder that goes with its owner.
class TemporaryFolder {
 public:
  static result<TemporaryFolder> make() {
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
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;  // what is left in a temporary folder is the system's to clean
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

class ForgetfulState final : public plugin::StateStore {
 public:
  std::optional<std::string> get(std::string_view, std::string_view) override {
    return std::nullopt;
  }
  result<> put(std::string_view, std::string_view, std::string_view) override { return {}; }
};

class NobodyListens final : public ServiceEvents {
 public:
  void happened(engine::Event) override {}
  void progressed(engine::JobProgress) override {}
};

}  // namespace

struct DescribingBoard::State {
  State(TemporaryFolder temporary, artifact::ArtifactStore store)
      : folder(std::move(temporary)), artifacts(std::move(store)) {}
  TemporaryFolder folder;
  artifact::ArtifactStore artifacts;
  ForgetfulState state;
  NobodyListens events;
  std::unique_ptr<ServiceBoard> board;
};

result<std::unique_ptr<DescribingBoard>> DescribingBoard::open(
    std::shared_ptr<const Environment> environment) {
  auto folder = TemporaryFolder::make();
  if (!folder) return std::move(folder).error();
  auto artifacts = artifact::ArtifactStore::open(folder->path() / "artifacts");
  if (!artifacts) return std::move(artifacts).error();
  const auto work = folder->path() / "work";
  auto state = std::make_unique<State>(std::move(*folder), std::move(*artifacts));
  auto board = ServiceBoard::open(
      {std::move(environment), state->artifacts, state->state, work, state->events});
  if (!board) return std::move(board).error();
  state->board = std::move(*board);
  return std::unique_ptr<DescribingBoard>(new DescribingBoard(std::move(state)));
}

DescribingBoard::DescribingBoard(std::unique_ptr<State> state) : state_(std::move(state)) {}
DescribingBoard::~DescribingBoard() = default;
const ServiceBoard& DescribingBoard::board() const noexcept {
  return *state_->board;
}

}  // namespace weft::shell
