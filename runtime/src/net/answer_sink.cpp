// SPDX-License-Identifier: Apache-2.0
#include "net/answer_sink.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

#include "base/text.hpp"

namespace weft::net {
namespace {

constexpr std::uint64_t error_text_limit_bytes = 1 << 20;

AnswerSink::Fault too_large(std::uint64_t limit_bytes) {
  return {HttpFailure::Cause::too_large,
          "the answer is larger than " + size_to_string(limit_bytes)};
}

}  // namespace

AnswerSink::~AnswerSink() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(std::get<ToFile>(to_).path.c_str());
}

std::optional<AnswerSink::Fault> AnswerSink::storage_fault(int error) const {
  return Fault{HttpFailure::Cause::storage, "cannot write " + std::get<ToFile>(to_).path.string() +
                                                ": " + std::generic_category().message(error)};
}

std::optional<AnswerSink::Fault> AnswerSink::begin(int status, const Headers& headers) {
  if (auto* sink = std::get_if<ToSink>(&to_)) {
    if (sink->on_head) sink->on_head(status, headers);
    return std::nullopt;
  }
  const auto* file = std::get_if<ToFile>(&to_);
  const bool into_file = file && status >= 200 && status < 300;
  memory_limit_bytes_ = file ? error_text_limit_bytes : std::get<ToMemory>(to_).limit_bytes;
  if (!into_file) return std::nullopt;
  if (file_ >= 0) return empty_file();
  file_ = ::open(file->path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  return file_ < 0 ? storage_fault(errno) : std::nullopt;
}

std::optional<AnswerSink::Fault> AnswerSink::empty_file() {
  body_bytes_ = 0;
  if (::ftruncate(file_, 0) != 0 || ::lseek(file_, 0, SEEK_SET) != 0) return storage_fault(errno);
  return std::nullopt;
}

boost::system::result<AnswerSink::Taken, AnswerSink::Fault> AnswerSink::take(
    std::string_view piece) {
  const std::uint64_t total_bytes = body_bytes_ + piece.size();
  if (auto* sink = std::get_if<ToSink>(&to_)) {
    if (sink->credit_bytes == 0) return Taken::nothing_yet;
    sink->credit_bytes -= std::min<std::uint64_t>(sink->credit_bytes, piece.size());
    sink->on_data(piece);
  } else if (file_ >= 0) {
    const std::uint64_t limit_bytes = std::get<ToFile>(to_).limit_bytes;
    if (total_bytes > limit_bytes) return too_large(limit_bytes);
    if (auto fault = write_file(piece)) return *std::move(fault);
  } else {
    if (total_bytes > memory_limit_bytes_) return too_large(memory_limit_bytes_);
    memory_.append(piece);
  }
  body_bytes_ = total_bytes;
  return Taken::all;
}

std::optional<AnswerSink::Fault> AnswerSink::write_file(std::string_view piece) {
  while (!piece.empty()) {
    const auto written = ::write(file_, piece.data(), piece.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return storage_fault(errno);
    piece.remove_prefix(static_cast<std::size_t>(written));
  }
  return std::nullopt;
}

void AnswerSink::credit(std::uint64_t bytes) {
  auto* sink = std::get_if<ToSink>(&to_);
  if (!sink) return;
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - sink->credit_bytes;
  sink->credit_bytes += std::min(room, bytes);
}

boost::system::result<std::string, AnswerSink::Fault> AnswerSink::finish() {
  if (file_ >= 0 && ::close(std::exchange(file_, -1)) != 0) {
    const int error = errno;
    ::unlink(std::get<ToFile>(to_).path.c_str());
    return *storage_fault(error);
  }
  return std::move(memory_);
}

}  // namespace weft::net
