// SPDX-License-Identifier: Apache-2.0
#include "plugin/blob.hpp"

#include <sodium.h>

#include <algorithm>
#include <fstream>

#include "artifact/media_type.hpp"
#include "plugin/text.hpp"

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t head_bytes = 4096;
constexpr std::uint64_t bytes_in_memory_at_most = std::uint64_t{512} << 20;

result<std::string> read_slice(const fs::path& file, std::uint64_t offset, std::uint64_t length) {
  std::error_code error;
  const std::uint64_t size = fs::file_size(file, error);
  if (error) return not_found(file.string() + ": " + error.message());
  if (offset > size) return invalid(file.string() + " ends before the slice begins");
  if (length == 0) length = size - offset;
  if (length > size - offset) return invalid(file.string() + " ends within the slice");
  if (length > bytes_in_memory_at_most)
    return invalid(file.string() + " is too large to be recoded in memory",
                   "send it as it is, as a file");
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(offset));
  std::string bytes(length, '\0');
  stream.read(bytes.data(), static_cast<std::streamsize>(length));
  if (!stream) return machine(file.string() + " cannot be read", "check its rights and the disk");
  return bytes;
}

std::string sniff(std::string_view head, const std::string& file_name) {
  return artifact::sniff_media_type(
      std::as_bytes(std::span(head.substr(0, std::min(head.size(), head_bytes)))), file_name);
}

bool is_inside(const fs::path& file, const fs::path& folder) {
  if (folder.empty()) return false;
  const fs::path relative = file.lexically_normal().lexically_relative(folder.lexically_normal());
  std::error_code error;
  return !relative.empty() && *relative.begin() != ".." &&
         fs::is_regular_file(fs::symlink_status(file, error));
}

result<artifact::Blob> store_file(const fs::path& file, const fs::path& own_folder,
                                  artifact::ArtifactStore& store) {
  if (!is_inside(file, own_folder)) return store.put_file(file);
  const fs::path reserved = store.reserve(file.extension().string());
  std::error_code error;
  fs::rename(file, reserved, error);
  if (error) return store.put_file(file);  // on another disk
  auto stored = store.put_file(reserved);
  if (!stored) fs::remove(reserved, error);
  return stored;
}

std::string sniff_file(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};  // a pipe would hold up its reader for ever
  std::ifstream stream(file, std::ios::binary);
  std::string head(head_bytes, '\0');
  stream.read(head.data(), head_bytes);
  head.resize(static_cast<std::size_t>(stream.gcount()));
  return sniff(head, file.filename().string());
}

// Sets the media type where nothing was said.
result<artifact::Blob> store_bytes(const Blob& blob, std::string& media_type,
                                   artifact::ArtifactStore& store) {
  auto bytes = read_blob(blob, store);
  if (bytes && blob.base64) bytes = decode_base64(*bytes);
  if (!bytes) return bytes.error();
  if (media_type.empty()) media_type = sniff(*bytes, blob.file.filename().string());
  return store.put_bytes(std::string_view(*bytes));
}

}  // namespace

result<Blob> copy_blob(const weft_blob& blob, const ArtifactTable& artifacts) {
  if (blob.encoding != WEFT_RAW && blob.encoding != WEFT_BASE64)
    return invalid("a blob has an unknown encoding");
  Blob copy;
  copy.kind = blob.kind;
  copy.base64 = blob.encoding == WEFT_BASE64;
  copy.media_type = view(blob.media_type);
  if (blob.kind == WEFT_BYTES) {
    copy.bytes = view(blob.data);
    return copy;
  }
  copy.offset = blob.offset;
  copy.length = blob.length;
  if (blob.kind == WEFT_FILE) {
    copy.file = view(blob.data);
    if (!copy.file.is_absolute()) return invalid("a blob's file has no absolute path");
    return copy;
  }
  if (blob.kind != WEFT_ARTIFACT) return invalid("a blob is of an unknown kind");
  auto artifact = artifacts.find(blob.artifact);
  if (!artifact) return invalid("a blob names an artifact that there is not");
  copy.artifact = std::move(*artifact);
  if (copy.media_type.empty()) copy.media_type = copy.artifact.media_type;
  // An input that is handed on as it came says its whole length.
  if (copy.offset == 0 && copy.length == copy.artifact.size_bytes) copy.length = 0;
  return copy;
}

result<std::optional<fs::path>> file_of(const Blob& blob, const artifact::ArtifactStore& store) {
  if (blob.kind == WEFT_BYTES) return std::optional<fs::path>();
  if (blob.kind == WEFT_FILE) return std::optional(blob.file);
  auto found = store.find(blob.artifact.digest, blob.artifact.size_bytes);
  if (!found) return found.error();
  return std::optional(std::move(*found));
}

result<std::string> read_blob(const Blob& blob, const artifact::ArtifactStore& store) {
  auto file = file_of(blob, store);
  if (!file) return file.error();
  if (!*file) return blob.bytes;
  return read_slice(**file, blob.offset, blob.length);
}

std::string encode_base64(std::string_view bytes) {
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  text.pop_back();  // its closing NUL
  return text;
}

result<std::string> decode_base64(std::string_view text) {
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int failed =
      sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), " \t\r\n", &size, &end, sodium_base64_VARIANT_ORIGINAL);
  if (failed != 0 || end != text.data() + text.size())
    return invalid("what should be base64 is not");
  bytes.resize(size);
  return bytes;
}

result<ArtifactInfo> store_blob(const Blob& blob, const fs::path& own_folder,
                                artifact::ArtifactStore& store) {
  const bool stays = blob.kind == WEFT_ARTIFACT && blob.is_plain();
  const bool is_file = blob.kind == WEFT_FILE && blob.is_plain();
  ArtifactInfo made = stays ? blob.artifact : ArtifactInfo{};
  made.media_type = blob.media_type;
  if (made.media_type.empty() && (stays || is_file)) {
    auto file = file_of(blob, store);
    if (!file) return file.error();
    made.media_type = sniff_file(**file);
  }
  if (stays) return made;
  auto stored = is_file ? store_file(blob.file, own_folder, store)
                        : store_bytes(blob, made.media_type, store);
  if (!stored) return stored.error();
  made.digest = stored->digest;
  made.size_bytes = stored->size_bytes;
  return made;
}

}  // namespace weft::plugin
