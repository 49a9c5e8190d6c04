// SPDX-License-Identifier: Apache-2.0
#include "plan/firing.hpp"

#include <algorithm>
#include <array>

#include "base/digest.hpp"

namespace weft {
namespace {

constexpr Duration late_after = std::chrono::minutes{1};
// So many times are made up for at once; a schedule that misses more has another fault.
constexpr std::size_t made_up_at_most = 1'000;

std::uint64_t number_of(std::string_view text) {
  const Digest digest = digest_of(text);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8 | digest.bytes[i];
  return number;
}

// Which of the times that nobody was there for are made up for.
std::vector<Timestamp> made_up(const Schedule& schedule, std::vector<Timestamp> late,
                               bool on_time) {
  switch (schedule.missed) {
    case Missed::skip:
      return {};
    case Missed::once:
      if (on_time || late.empty()) return {};  // the one that is on time makes up for them
      return {late.back()};
    case Missed::all:
      break;
  }
  if (late.size() > made_up_at_most)
    late.erase(late.begin(), late.end() - static_cast<std::ptrdiff_t>(made_up_at_most));
  return late;
}

}  // namespace

std::optional<Timestamp> next_time(const Schedule& schedule, Timestamp after) {
  if (const auto* cron = std::get_if<Cron>(&schedule.trigger))
    return cron->next(after, schedule.zone);
  if (const auto* once = std::get_if<AtTime>(&schedule.trigger); once && once->at > after)
    return once->at;
  return std::nullopt;
}

Duration jitter_of(const Schedule& schedule, Timestamp time) {
  if (schedule.jitter <= Duration::zero()) return Duration::zero();
  const auto span = static_cast<std::uint64_t>(schedule.jitter.count());
  return Duration{
      static_cast<std::int64_t>(number_of(schedule.name + '\n' + to_string(time)) % span)};
}

Due due_times(const Schedule& schedule, Timestamp considered, Timestamp now) {
  Due due;
  // What is older than the window is never made up for, so it need not be counted either.
  due.considered = std::max(considered, now - schedule.missed_window - late_after);
  std::vector<Timestamp> late;
  for (;;) {
    const auto time = next_time(schedule, due.considered);
    if (!time || *time + jitter_of(schedule, *time) > now) break;
    due.considered = *time;
    const bool is_late = *time + jitter_of(schedule, *time) + late_after < now;
    (is_late ? late : due.times).push_back(*time);
  }
  const std::vector<Timestamp> taken = made_up(schedule, late, !due.times.empty());
  for (const Timestamp time : late) {
    if (std::ranges::binary_search(taken, time)) continue;
    if (due.missed.count++ == 0) due.missed.first = time;
    due.missed.last = time;
  }
  due.times.insert(due.times.begin(), taken.begin(), taken.end());
  return due;
}

Meeting meet(Overlap overlap, std::size_t running, std::size_t waiting) {
  using Answer = Meeting::Answer;
  if (running + waiting == 0 || overlap == Overlap::allow) return {};
  switch (overlap) {
    case Overlap::skip:
      return {Answer::skip, false, "an earlier run goes on"};
    case Overlap::queue:
      if (waiting > 0) return {Answer::skip, false, "another one waits already"};
      return {Answer::wait, false, {}};
    case Overlap::queue_all:
      return {Answer::wait, false, {}};
    case Overlap::cancel_other:
      return {Answer::start, true, {}};
    case Overlap::allow:
      break;
  }
  return {};
}

RunId run_of_firing(const std::string& schedule, const std::string& cause, Timestamp at) {
  const Digest digest = digest_of(schedule + '\n' + cause);
  std::array<std::uint8_t, 10> bytes{};
  std::copy_n(digest.bytes.begin(), bytes.size(), bytes.begin());
  return {Uuid::v7(at, bytes)};
}

}  // namespace weft
