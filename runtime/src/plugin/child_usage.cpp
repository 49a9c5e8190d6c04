// SPDX-License-Identifier: Apache-2.0
#include "plugin/child_usage.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace weft::plugin {
namespace {

constexpr auto often = std::chrono::milliseconds(100);  // at first
constexpr auto rarely = std::chrono::seconds(1);

std::uint64_t peak_of(const rusage& usage) {
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

std::uint64_t own_peak_bytes() {
  rusage own{};
  ::getrusage(RUSAGE_SELF, &own);
  return peak_of(own);
}

std::chrono::microseconds span_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// Zero once it has ended: a zombie holds nothing.
std::uint64_t peak_bytes(pid_t process) {
  const std::string path = "/proc/" + std::to_string(process) + "/status";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (!file) return 0;
  std::array<char, 4096> bytes;
  const std::string_view text(bytes.data(), std::fread(bytes.data(), 1, bytes.size(), file.get()));
  constexpr std::string_view name = "VmHWM:";
  const auto at = text.find(name);
  if (at == std::string_view::npos) return 0;
  const auto first = text.find_first_not_of(" \t", at + name.size());
  std::uint64_t kib = 0;
  if (first != std::string_view::npos)
    std::from_chars(text.data() + first, text.data() + text.size(), kib);
  return kib * 1024;
}

}  // namespace

ChildUsage::ChildUsage(pid_t process) : process_(process), inherited_bytes_(own_peak_bytes()) {}

void ChildUsage::look(Clock::time_point now) {
  if (now < next_look_) return;
  seen_bytes_ = std::max(seen_bytes_, peak_bytes(process_));
  next_look_ = now + (now - begun_ < std::chrono::seconds(2) ? Clock::duration(often) : rarely);
}

Usage ChildUsage::total(const rusage& waited) const {
  Usage usage;
  usage.cpu = std::chrono::ceil<Duration>(span_of(waited.ru_utime) + span_of(waited.ru_stime));
  usage.memory_bytes = peak_of(waited) > inherited_bytes_ ? peak_of(waited) : seen_bytes_;
  return usage;
}

}  // namespace weft::plugin
