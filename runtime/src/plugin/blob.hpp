// SPDX-License-Identifier: Apache-2.0
// Bytes as a plugin names them, wherever they lie.
#pragma once
#include <weft/abi.h>

#include <filesystem>
#include <optional>
#include <string>

#include "artifact/artifact_store.hpp"
#include "model/artifact.hpp"
#include "plugin/artifact_table.hpp"

namespace weft::plugin {

// A weft_blob copied out of the plugin's memory, so that it can be read in another thread.
struct Blob {
  std::uint32_t kind = WEFT_BYTES;
  bool base64 = false;
  std::string bytes;           // WEFT_BYTES
  std::filesystem::path file;  // WEFT_FILE
  ArtifactInfo artifact;       // WEFT_ARTIFACT
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // 0: to the end
  std::string media_type;    // as said; of an artifact its own where nothing was said

  // As it lies there: neither a slice nor another encoding.
  bool is_plain() const noexcept { return !base64 && offset == 0 && length == 0; }
};

// Kind invalid: an unknown kind or encoding, a path that is not absolute, an unknown artifact.
result<Blob> copy_blob(const weft_blob& blob, const ArtifactTable& artifacts);

// The file that holds the bytes; nothing for WEFT_BYTES.
result<std::optional<std::filesystem::path>> file_of(const Blob& blob,
                                                     const artifact::ArtifactStore& store);
// The bytes, sliced, in memory; not recoded. Blocks.
result<std::string> read_blob(const Blob& blob, const artifact::ArtifactStore& store);

// RFC 4648, section 4. Decoding ignores white space; kind invalid for anything else.
std::string encode_base64(std::string_view bytes);
result<std::string> decode_base64(std::string_view text);

// Makes a blob that a plugin puts out an artifact: recodes it, takes it into the store, and finds
// out its media type. A file in `own_folder` is moved, another one is copied. Blocks. Kind invalid:
// it is not what it says; not_found: no such file.
result<ArtifactInfo> store_blob(const Blob& blob, const std::filesystem::path& own_folder,
                                artifact::ArtifactStore& store);

}  // namespace weft::plugin
