// SPDX-License-Identifier: Apache-2.0
#include "artifact/artifact_store.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <system_error>
#include <vector>

#include "artifact/blob_folder.hpp"
#include "artifact/writer_state.hpp"

namespace weft::artifact {
namespace {

// Hands all bytes of an open file to `take`, which may refuse with an error.
template <class Take>
result<> read_all(BlobFolder& folder, const std::filesystem::path& path, const File& file,
                  Take take) {
  std::vector<std::byte> buffer(std::size_t{1} << 18);
  for (;;) {
    const std::ptrdiff_t length = folder.files.read(file.get(), buffer);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return cannot("read", path, errno);
    if (length == 0) return {};
    const std::span<const std::byte> read(buffer.data(), static_cast<std::size_t>(length));
    if (result<> taken = take(read); !taken) return taken;
  }
}

// What put_file() can take: a regular file, also by way of a link.
result<> check_regular(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found)
    return not_found("there is no file " + file.string());
  if (error) return cannot("open", file, error.value());
  if (!std::filesystem::is_regular_file(status))
    return invalid(file.string() + " is not a file", "name a file, not a folder or device");
  return {};
}

bool is_alive(std::string_view tmp_name) {
  int pid = 0;
  const auto end = std::from_chars(tmp_name.data(), tmp_name.data() + tmp_name.size(), pid).ptr;
  const bool is_ours = end != tmp_name.data() + tmp_name.size() && *end == '-';
  return is_ours && pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

Error damaged(const std::filesystem::path& path, const std::string& how) {
  return machine("artifact " + path.string() + " is damaged: " + how,
                 "put back a copy, or remove it and make it again: weft fork RUN TASK");
}

Timestamp changed_at(const struct stat& file) {
  return from_unix_ms(std::int64_t{file.st_mtim.tv_sec} * 1000 + file.st_mtim.tv_nsec / 1'000'000);
}

std::optional<Digest> digest_named(const std::filesystem::path& path) {
  auto digest = Digest::parse(path.filename().string());
  if (!digest) return std::nullopt;
  return *digest;
}

}  // namespace

ArtifactStore::ArtifactStore(std::shared_ptr<BlobFolder> blobs) : blobs_(std::move(blobs)) {}

result<ArtifactStore> ArtifactStore::open(std::filesystem::path folder, FileOps& files) {
  auto blobs = std::make_shared<BlobFolder>(std::move(folder), files);
  std::error_code error;
  std::filesystem::create_directories(blobs->path.parent_path(), error);
  if (error) return cannot("make the folder", blobs->path.parent_path(), error.value());
  if (auto made = blobs->make_folder(blobs->path); !made) return made.error();
  if (auto made = blobs->make_folder(blobs->tmp()); !made) return made.error();
  return ArtifactStore(std::move(blobs));
}

const std::filesystem::path& ArtifactStore::folder() const noexcept {
  return blobs_->path;
}

result<Writer> ArtifactStore::begin() {
  auto state = Writer::State::begin(blobs_);
  if (!state) return state.error();
  return Writer(*std::move(state));
}

result<Blob> ArtifactStore::put_bytes(std::span<const std::byte> bytes) {
  auto writer = begin();
  if (!writer) return writer.error();
  if (auto added = writer->add(bytes); !added) return added.error();
  return writer->finish();
}

result<Blob> ArtifactStore::put_bytes(std::string_view bytes) {
  return put_bytes(std::as_bytes(std::span(bytes)));
}

result<Blob> ArtifactStore::put_file(const std::filesystem::path& file) {
  if (auto regular = check_regular(file); !regular) return regular.error();
  auto source = blobs_->open(file, O_RDONLY);
  if (!source) return source.error();
  return is_reserved(file) ? move_in(file, *source) : copy_in(file, *source);
}

bool ArtifactStore::is_reserved(const std::filesystem::path& file) const {
  std::error_code error;
  const auto inside = std::filesystem::weakly_canonical(file, error).parent_path();
  const auto tmp = std::filesystem::weakly_canonical(blobs_->tmp(), error);
  const auto way = inside.lexically_relative(tmp);  // "." or a folder in it, such as that of a job
  return !error && !way.empty() && *way.begin() != ".." &&
         !std::filesystem::is_symlink(file, error);
}

result<Blob> ArtifactStore::move_in(const std::filesystem::path& file, const File& source) {
  DigestBuilder digest;
  std::uint64_t size_bytes = 0;
  auto read = read_all(*blobs_, file, source, [&](std::span<const std::byte> bytes) -> result<> {
    digest.add(bytes);
    size_bytes += bytes.size();
    return {};
  });
  if (!read) return read.error();
  if (blobs_->files.fsync(source.get()) != 0) return cannot("write", file, errno);
  return blobs_->place(file, {digest.finish(), size_bytes});
}

result<Blob> ArtifactStore::copy_in(const std::filesystem::path& file, const File& source) {
  auto state = Writer::State::begin(blobs_);
  if (!state) return state.error();
  Writer::State& copy = **state;
  // The digest is taken from the copy, so it holds even if somebody writes to the file meanwhile.
  const bool cloned = blobs_->files.clone(source.get(), copy.file.get()) == 0;
  const auto& from = cloned ? copy.file : source;
  auto read = read_all(*blobs_, cloned ? copy.tmp_file : file, from,
                       [&](std::span<const std::byte> bytes) -> result<> {
                         if (!cloned) return copy.write(bytes);
                         copy.note(bytes);
                         return {};
                       });
  if (!read) return read.error();
  return copy.finish();
}

std::filesystem::path ArtifactStore::reserve(std::string_view extension) {
  return blobs_->new_tmp_path(extension);
}

result<std::filesystem::path> ArtifactStore::find(const Digest& digest,
                                                  std::uint64_t size_bytes) const {
  std::filesystem::path path = blobs_->path_of(digest);
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return cannot("read", path, errno);
    return not_found("artifact " + digest.to_string() + " is missing from " + folder().string(),
                     "put back a copy, or make it again: weft fork RUN TASK");
  }
  if (static_cast<std::uint64_t>(found.st_size) != size_bytes)
    return damaged(path, "it has " + std::to_string(found.st_size) + " of " +
                             std::to_string(size_bytes) + " bytes");
  return path;
}

result<> ArtifactStore::keep(const Digest& digest, std::uint64_t size_bytes) {
  // As long as it is locked nobody removes it.
  auto folder = blobs_->lock_folder_of(digest, false);
  if (!folder) return std::move(folder).error();
  auto path = find(digest, size_bytes);
  if (!path) return std::move(path).error();
  if (blobs_->files.touch(*path) != 0) return cannot("touch", *path, errno);
  return {};
}

bool ArtifactStore::contains(const Digest& digest) const {
  std::error_code error;
  return std::filesystem::is_regular_file(blobs_->path_of(digest), error);
}

result<std::string> ArtifactStore::read(const Digest& digest, std::uint64_t size_bytes) const {
  auto path = find(digest, size_bytes);
  if (!path) return path.error();
  auto file = blobs_->open(*path, O_RDONLY);
  if (!file) return file.error();
  std::string content;
  content.reserve(size_bytes);
  auto read = read_all(*blobs_, *path, *file, [&](std::span<const std::byte> bytes) -> result<> {
    content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  });
  if (!read) return read.error();
  return content;
}

result<> ArtifactStore::verify(const Digest& digest) const {
  const std::filesystem::path path = blobs_->path_of(digest);
  if (!contains(digest)) return find(digest, 0).error();
  auto file = blobs_->open(path, O_RDONLY);
  if (!file) return file.error();
  DigestBuilder found;
  auto read = read_all(*blobs_, path, *file, [&](std::span<const std::byte> bytes) -> result<> {
    found.add(bytes);
    return {};
  });
  if (!read) return read;
  const Digest actual = found.finish();
  if (actual != digest) return damaged(path, "its bytes have the digest " + actual.to_string());
  return {};
}

result<bool> ArtifactStore::remove_unless_used_since(const Digest& digest, Timestamp since) {
  const std::filesystem::path path = blobs_->path_of(digest);
  if (!contains(digest)) return true;
  const auto folder = blobs_->lock_folder_of(digest, true);
  if (!folder) return folder.error();
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0 && changed_at(found) >= since) return false;
  if (blobs_->files.unlink(path) != 0 && errno != ENOENT) return cannot("remove", path, errno);
  return true;
}

result<std::vector<ListedBlob>> ArtifactStore::list() const {
  std::vector<ListedBlob> blobs;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder(), error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(error)) {
    if (entry->path() == blobs_->tmp()) {
      entry.disable_recursion_pending();
      continue;
    }
    const auto digest = digest_named(entry->path());
    struct stat found {};
    if (!digest || ::stat(entry->path().c_str(), &found) != 0) continue;  // gone meanwhile
    blobs.push_back({{*digest, static_cast<std::uint64_t>(found.st_size)}, changed_at(found)});
  }
  if (error) return cannot("read", folder(), error.value());
  return blobs;
}

result<std::size_t> ArtifactStore::clean_tmp() {
  std::size_t removed = 0;
  std::error_code error;
  std::filesystem::directory_iterator entry(blobs_->tmp(), error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (is_alive(entry->path().filename().string())) continue;
    if (entry->is_directory()) continue;  // a folder of somebody who cleans up himself
    if (blobs_->files.unlink(entry->path()) != 0) return cannot("remove", entry->path(), errno);
    ++removed;
  }
  if (error) return cannot("read", blobs_->tmp(), error.value());
  return removed;
}

}  // namespace weft::artifact
