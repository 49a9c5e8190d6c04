// SPDX-License-Identifier: Apache-2.0
// Content-addressed files: <folder>/<first two hex digits>/<sha256>. A blob is written under
// <folder>/tmp, fsynced, renamed to its name, its folder fsynced; only then is it there. So a blob
// that is there is whole, and may be named by a row.
//
// Errors are kind `machine` and name the path and what to do (full disk, rights, damaged disk);
// nothing half-written stays. All functions of ArtifactStore may be called by any thread; a Writer
// belongs to one thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/file_ops.hpp"
#include "base/digest.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace weft::artifact {

class BlobFolder;
class File;

// A blob: what is known without looking into it.
struct Blob {
  Digest digest;
  std::uint64_t size_bytes = 0;
};
struct ListedBlob {
  Blob blob;
  Timestamp used_at{};  // when it was last put
};

// Writes a blob piece by piece, as a download does. Dropped without finish(), nothing stays.
class Writer {
 public:
  Writer(Writer&&) noexcept;
  Writer& operator=(Writer&&) noexcept;
  ~Writer();
  // After an error every further call gives that error.
  result<> add(std::span<const std::byte> bytes);
  std::uint64_t size_bytes() const noexcept;
  // The first bytes (at most 4 KiB), for sniff_media_type().
  std::span<const std::byte> head() const noexcept;
  // Makes it durable; call nothing after it.
  result<Blob> finish();

 private:
  friend class ArtifactStore;
  struct State;
  explicit Writer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class ArtifactStore {
 public:
  // Makes the folder when it is missing. `files` must outlive the store.
  static result<ArtifactStore> open(std::filesystem::path folder, FileOps& files = FileOps::real());

  result<Writer> begin();
  result<Blob> put_bytes(std::span<const std::byte> bytes);
  result<Blob> put_bytes(std::string_view bytes);
  // A file of this store's reserve() is moved, any other is copied (sharing its blocks where the
  // file system can). Kind `not_found` or `invalid` when `file` cannot be an artifact.
  result<Blob> put_file(const std::filesystem::path& file);

  // A new path in tmp with this extension (".mp4") for a local tool to write to; hand it to
  // put_file() or remove it.
  std::filesystem::path reserve(std::string_view extension);

  // The path of a blob for reading; it has no extension. Kind `not_found` when it is missing,
  // `machine` when its size is not `size_bytes`.
  result<std::filesystem::path> find(const Digest& digest, std::uint64_t size_bytes) const;
  // As find(), and it counts as put again: nobody removes it who looked before.
  result<> keep(const Digest& digest, std::uint64_t size_bytes);
  bool contains(const Digest& digest) const;
  result<std::string> read(const Digest& digest, std::uint64_t size_bytes) const;
  // Reads all of it and compares the digest.
  result<> verify(const Digest& digest) const;

  // Removes a blob, unless it has been put at that moment or later: false then. Others may put it
  // meanwhile: either it is found and stays, or it is written anew. Not an error when it is not
  // there.
  result<bool> remove_unless_used_since(const Digest& digest, Timestamp since);
  result<std::vector<ListedBlob>> list() const;
  // Removes what dead processes left in tmp, and tells how many files that were. Only for who holds
  // the runtime lock, at its start.
  result<std::size_t> clean_tmp();

  const std::filesystem::path& folder() const noexcept;

 private:
  explicit ArtifactStore(std::shared_ptr<BlobFolder> blobs);
  bool is_reserved(const std::filesystem::path& file) const;
  result<Blob> move_in(const std::filesystem::path& file, const File& source);
  result<Blob> copy_in(const std::filesystem::path& file, const File& source);

  std::shared_ptr<BlobFolder> blobs_;
};

}  // namespace weft::artifact
