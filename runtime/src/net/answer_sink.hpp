// SPDX-License-Identifier: Apache-2.0
// Where the bytes of an answer's body go: memory, a file, or the caller's functions.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "net/http_client.hpp"

namespace weft::net {

using AnswerTo = std::variant<ToMemory, ToFile, ToSink>;

class AnswerSink {
 public:
  // What stops a body that cannot be taken.
  struct Fault {
    HttpFailure::Cause cause;
    std::string what;
  };
  enum class Taken { all, nothing_yet };

  explicit AnswerSink(AnswerTo to) : to_(std::move(to)) {}
  // Removes the file of an answer that did not come to its end.
  ~AnswerSink();
  AnswerSink(const AnswerSink&) = delete;
  AnswerSink& operator=(const AnswerSink&) = delete;

  // The head of the answer has come; again, when the answer begins anew.
  std::optional<Fault> begin(int status, const Headers& headers);
  // `nothing_yet`: offer the same piece again after credit.
  boost::system::result<Taken, Fault> take(std::string_view piece);
  void credit(std::uint64_t bytes);
  // The whole body has come. What was kept in memory is handed over.
  boost::system::result<std::string, Fault> finish();
  std::uint64_t body_bytes() const noexcept { return body_bytes_; }
  // The body at hand goes into a file.
  bool is_in_file() const noexcept { return file_ >= 0; }

 private:
  std::optional<Fault> empty_file();
  std::optional<Fault> write_file(std::string_view piece);
  std::optional<Fault> storage_fault(int error) const;

  AnswerTo to_;
  std::string memory_;
  std::uint64_t memory_limit_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  int file_ = -1;  // open, and to be removed at the end unless finish() closed it
};

}  // namespace weft::net
