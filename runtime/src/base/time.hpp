// SPDX-License-Identifier: Apache-2.0
// Moments and spans. Nothing below the I/O edge reads a clock: a moment always comes in as a value.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace weft {

using Duration = std::chrono::milliseconds;
// Unix time in milliseconds.
using Timestamp = std::chrono::sys_time<Duration>;

constexpr std::int64_t to_unix_ms(Timestamp at) noexcept {
  return at.time_since_epoch().count();
}
constexpr Timestamp from_unix_ms(std::int64_t ms) noexcept {
  return Timestamp{Duration{ms}};
}

// A moment that may be missing; as std::optional<Timestamp>, in half of its space: for what there
// are a million of.
class MaybeTimestamp {
 public:
  constexpr MaybeTimestamp() noexcept = default;
  constexpr MaybeTimestamp(Timestamp at) noexcept : at_(at) {}
  constexpr MaybeTimestamp(std::optional<Timestamp> at) noexcept : at_(at ? *at : missing) {}
  constexpr operator std::optional<Timestamp>() const noexcept {
    return *this ? std::optional{at_} : std::nullopt;
  }
  constexpr explicit operator bool() const noexcept { return at_ != missing; }
  constexpr Timestamp operator*() const noexcept { return at_; }
  constexpr void reset() noexcept { at_ = missing; }
  constexpr bool operator==(const MaybeTimestamp&) const noexcept = default;
  // Said by itself, because that of std::optional would fit better and take two that miss for
  // different.
  friend constexpr bool operator==(const MaybeTimestamp& a,
                                   const std::optional<Timestamp>& b) noexcept {
    return a == MaybeTimestamp(b);
  }

 private:
  static constexpr Timestamp missing = Timestamp::min();
  Timestamp at_ = missing;
};

// "500ms", "2s", "10m", "1h", "7d": one number and one unit; fractions such as "1.5s" are taken
// when they come out in whole milliseconds.
result<Duration> parse_duration(std::string_view text);
// The shortest form that parse_duration reads back to the same value: "90s", "1500ms", "2h".
std::string to_string(Duration span);
// RFC 3339 in UTC with milliseconds: "2026-11-21T03:27:37.120Z".
std::string to_string(Timestamp at);

// When something must be over. A default-made deadline never comes.
class Deadline {
 public:
  constexpr Deadline() noexcept = default;
  constexpr explicit Deadline(Timestamp at) noexcept : at_(at) {}
  static constexpr Deadline never() noexcept { return {}; }
  constexpr bool is_set() const noexcept { return at_ != Timestamp::max(); }
  constexpr bool reached(Timestamp now) const noexcept { return now >= at_; }
  constexpr Timestamp at() const noexcept { return at_; }
  constexpr Deadline earlier(Deadline other) const noexcept {
    return at_ <= other.at_ ? *this : other;
  }
  // The same deadline later by `span`; one that never comes stays so.
  constexpr Deadline delayed(Duration span) const noexcept {
    return is_set() ? Deadline{at_ + span} : *this;
  }
  constexpr bool operator==(const Deadline&) const noexcept = default;

 private:
  Timestamp at_ = Timestamp::max();
};

}  // namespace weft
