// SPDX-License-Identifier: Apache-2.0
// A blob that is being written: a file in tmp, and what is known of its bytes so far.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "artifact/blob_folder.hpp"

namespace weft::artifact {

struct Writer::State {
  State(std::shared_ptr<BlobFolder> into, std::filesystem::path path, File opened);
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();  // removes the file, unless it has become a blob
  static result<std::unique_ptr<State>> begin(std::shared_ptr<BlobFolder> folder);

  result<> write(std::span<const std::byte> bytes);
  // Takes note of bytes that are in the file already.
  void note(std::span<const std::byte> bytes);
  result<Blob> finish();

  std::shared_ptr<BlobFolder> folder;
  std::filesystem::path tmp_file;
  File file;
  DigestBuilder digest;
  std::uint64_t size_bytes = 0;
  std::vector<std::byte> head;
  std::optional<Error> failure;
  bool placed = false;
};

}  // namespace weft::artifact
