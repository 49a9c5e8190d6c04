// SPDX-License-Identifier: Apache-2.0
#include "plugin/child_usage.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "plugin/gpu_memory.hpp"
#include "plugin/proc.hpp"

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
std::uint64_t peak_bytes(const std::filesystem::path& proc, pid_t process) {
  const std::string status = read_proc(proc / std::to_string(process) / "status");
  std::uint64_t kib = 0;
  for_each_entry(status, [&](std::string_view key, std::string_view value) {
    if (key == "VmHWM") std::from_chars(value.data(), value.data() + value.size(), kib);
  });
  return kib * 1024;
}

}  // namespace

ChildUsage::ChildUsage(pid_t process, std::filesystem::path proc)
    : process_(process), proc_(std::move(proc)), inherited_bytes_(own_peak_bytes()) {}

void ChildUsage::look(Clock::time_point now) {
  if (now < next_look_) return;
  seen_bytes_ = std::max(seen_bytes_, peak_bytes(proc_, process_));
  gpu_bytes_ = std::max(gpu_bytes_, gpu_memory_bytes(proc_, process_));
  next_look_ = now + (now - begun_ < std::chrono::seconds(2) ? Clock::duration(often) : rarely);
}

Usage ChildUsage::total(const rusage& waited) const {
  Usage usage;
  usage.cpu = std::chrono::ceil<Duration>(span_of(waited.ru_utime) + span_of(waited.ru_stime));
  usage.memory_bytes = peak_of(waited) > inherited_bytes_ ? peak_of(waited) : seen_bytes_;
  usage.gpu_memory_bytes = gpu_bytes_;
  return usage;
}

}  // namespace weft::plugin
