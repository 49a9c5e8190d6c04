// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "artifact/writer_state.hpp"

namespace weft::artifact {
namespace {

constexpr std::size_t head_bytes = 4096;

}  // namespace

Writer::State::State(std::shared_ptr<BlobFolder> into, std::filesystem::path path, File opened)
    : folder(std::move(into)), tmp_file(std::move(path)), file(std::move(opened)) {}

Writer::State::~State() {
  if (!placed) folder->files.unlink(tmp_file);
}

result<std::unique_ptr<Writer::State>> Writer::State::begin(std::shared_ptr<BlobFolder> folder) {
  std::filesystem::path path = folder->new_tmp_path("");
  auto file = folder->open(path, O_RDWR | O_CREAT | O_EXCL);
  if (!file) return file.error();
  return std::make_unique<State>(std::move(folder), std::move(path), *std::move(file));
}

void Writer::State::note(std::span<const std::byte> bytes) {
  digest.add(bytes);
  size_bytes += bytes.size();
  if (head.size() < head_bytes) {
    const auto kept = bytes.first(std::min(bytes.size(), head_bytes - head.size()));
    head.insert(head.end(), kept.begin(), kept.end());
  }
}

result<> Writer::State::write(std::span<const std::byte> bytes) {
  for (auto left = bytes; !left.empty();) {
    const std::ptrdiff_t written = folder->files.write(file.get(), left);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("write", tmp_file, errno);
    left = left.subspan(static_cast<std::size_t>(written));
  }
  note(bytes);
  return {};
}

result<Blob> Writer::State::finish() {
  if (folder->files.fsync(file.get()) != 0) return cannot("write", tmp_file, errno);
  auto blob = folder->place(tmp_file, {digest.finish(), size_bytes});
  placed = blob.has_value();
  return blob;
}

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

result<> Writer::add(std::span<const std::byte> bytes) {
  if (state_->failure) return *state_->failure;
  auto written = state_->write(bytes);
  if (!written) state_->failure = written.error();
  return written;
}

std::uint64_t Writer::size_bytes() const noexcept {
  return state_->size_bytes;
}
std::span<const std::byte> Writer::head() const noexcept {
  return state_->head;
}

result<Blob> Writer::finish() {
  if (state_->failure) return *state_->failure;
  return state_->finish();
}

}  // namespace weft::artifact
