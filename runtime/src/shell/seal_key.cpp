// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "shell/environment.hpp"
#include "shell/key_ring.hpp"

namespace weft::shell {
namespace {

constexpr std::size_t hex_size = 2 * SealKey::size_bytes;

std::filesystem::path key_file(const std::filesystem::path& state) {
  return state / "secret.key";
}

Error unusable(const std::filesystem::path& file, int number) {
  return machine(
      "cannot use the key file " + file.string() + ": " + std::generic_category().message(number),
      "give this user the right to read it, or set WEFT_KEY");
}

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR)) {}
  ~File() {
    if (is_open()) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const noexcept { return descriptor_ >= 0; }
  int descriptor() const noexcept { return descriptor_; }

 private:
  const int descriptor_;
};

result<std::optional<SealKey>> read_key_file(const std::filesystem::path& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<SealKey>{};
    return unusable(path, errno);
  }
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) return unusable(path, errno);
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return machine("the key file " + path.string() + " may be read by others",
                   "chmod 600 " + path.string());
  std::array<char, hex_size> text{};
  const ssize_t length = ::read(file.descriptor(), text.data(), text.size());
  auto key = SealKey::parse({text.data(), length < 0 ? 0 : static_cast<std::size_t>(length)});
  sodium_memzero(text.data(), text.size());
  if (!key)
    return machine("the key file " + path.string() + " holds no key",
                   "put back the one from your backup; without it set every secret again after "
                   "removing the file");
  return key;
}

// Durable before anything is sealed with it.
result<> write_key_file(const std::filesystem::path& path, const SealKey& key) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.is_open()) return unusable(path, errno);
  std::string text = key.to_hex();
  const ssize_t written = ::write(file.descriptor(), text.data(), text.size());
  const int number = written < 0 ? errno : ENOSPC;
  sodium_memzero(text.data(), text.size());
  if (written == static_cast<ssize_t>(hex_size) && ::fsync(file.descriptor()) == 0) {
    const File folder(path.parent_path(), O_RDONLY | O_DIRECTORY);
    if (folder.is_open() && ::fsync(folder.descriptor()) == 0) return {};
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return unusable(path, number);
}

}  // namespace

result<std::optional<SealKey>> find_seal_key(const std::filesystem::path& state) {
  const std::string given = environment_variable("WEFT_KEY");
  if (given.empty()) return read_key_file(key_file(state));
  auto key = SealKey::parse(given);
  if (!key)
    return invalid("the environment variable WEFT_KEY holds no key",
                   "64 hex digits, such as 'openssl rand -hex 32' makes");
  return key;
}

result<SealKey> make_seal_key(const std::filesystem::path& state) {
  auto found = find_seal_key(state);
  if (!found) return std::move(found).error();
  if (*found) return **found;
  std::error_code failed;
  std::filesystem::create_directories(state, failed);
  SealKey::Bytes bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  const SealKey key(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  auto written = write_key_file(key_file(state), key);
  if (written) return key;
  // Somebody else may have made it meanwhile.
  auto again = find_seal_key(state);
  if (again && *again) return **again;
  return std::move(written).error();
}

}  // namespace weft::shell
