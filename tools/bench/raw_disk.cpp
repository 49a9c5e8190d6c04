// SPDX-License-Identifier: Apache-2.0
#include "raw_disk.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

namespace weft::bench {
namespace {

constexpr std::size_t two_frames_bytes = 2 * (4096 + 24);

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

RawDisk::RawDisk(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
      bytes_(two_frames_bytes, 'w') {
  check(file_ >= 0, "open");
  overwrite();
}

RawDisk::~RawDisk() {
  ::close(file_);
}

void RawDisk::overwrite() {
  bytes_.front() = static_cast<char>(bytes_.front() + 1);
  check(::pwrite(file_, bytes_.data(), bytes_.size(), 0) == static_cast<ssize_t>(bytes_.size()),
        "pwrite");
  check(::fdatasync(file_) == 0, "fdatasync");
}

Work RawDisk::work() {
  return [this](Clock::time_point until) {
    std::uint64_t done = 0;
    for (; Clock::now() < until; ++done) overwrite();
    return done;
  };
}

}  // namespace weft::bench
