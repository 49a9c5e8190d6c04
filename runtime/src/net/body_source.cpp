// SPDX-License-Identifier: Apache-2.0
#include "net/body_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace weft::net {
namespace {

Error cannot_read(const FileSlice& slice, const std::string& why) {
  return machine("cannot read " + slice.path.string() + ": " + why);
}

}  // namespace

BodySource::File::~File() {
  ::close(descriptor);
}

result<BodySource> BodySource::open(Content content) {
  BodySource source;
  if (auto* memory = std::get_if<std::string>(&content)) {
    source.memory_ = std::move(*memory);
    source.size_bytes_ = source.memory_.size();
    return source;
  }
  const auto& slice = std::get<FileSlice>(content);
  const int descriptor = ::open(slice.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return cannot_read(slice, std::generic_category().message(errno));
  source.file_ = std::make_unique<File>(descriptor);
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return cannot_read(slice, "it is not a file");
  }
  const auto file_bytes = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t after_offset = file_bytes - std::min(slice.offset, file_bytes);
  source.offset_ = slice.offset;
  source.size_bytes_ = slice.length.value_or(after_offset);
  if (source.size_bytes_ > after_offset) return cannot_read(slice, "it ends before the slice does");
  return source;
}

std::optional<std::size_t> BodySource::read(std::span<char> into) {
  const std::uint64_t left = size_bytes_ - read_bytes_;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
  if (wanted == 0) return 0;
  std::size_t count = wanted;
  if (file_) {
    const auto got =
        ::pread(file_->descriptor, into.data(), wanted, static_cast<off_t>(offset_ + read_bytes_));
    if (got <= 0) return std::nullopt;
    count = static_cast<std::size_t>(got);
  } else {
    memory_.copy(into.data(), wanted, static_cast<std::size_t>(read_bytes_));
  }
  read_bytes_ += count;
  return count;
}

}  // namespace weft::net
