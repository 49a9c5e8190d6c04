// SPDX-License-Identifier: Apache-2.0
// Where the bytes of a request's body come from: memory, or a slice of a file that is read as it is
// sent.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "net/http_client.hpp"

namespace weft::net {

class BodySource {
 public:
  // Opens a file at once, so that one that is missing is known before anything is sent.
  static result<BodySource> open(Content content);

  std::uint64_t size_bytes() const noexcept { return size_bytes_; }
  bool is_at_end() const noexcept { return read_bytes_ == size_bytes_; }
  // How many bytes were put into `into`; 0 at the end. Absent: the file gave fewer bytes than it
  // had.
  std::optional<std::size_t> read(std::span<char> into);

 private:
  struct File {
    explicit File(int opened) : descriptor(opened) {}
    ~File();
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int descriptor;
  };

  std::string memory_;
  std::unique_ptr<File> file_;  // null: memory_
  std::uint64_t offset_ = 0;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t read_bytes_ = 0;
};

}  // namespace weft::net
