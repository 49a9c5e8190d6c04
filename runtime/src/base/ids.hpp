// SPDX-License-Identifier: Apache-2.0
// Names of things that live in the store.
#pragma once
#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace weft {

// A UUID (RFC 9562). Runs, commands and uploads have version 7 ids, made by whoever asks for them,
// so that asking twice with one id is asking once.
class Uuid {
 public:
  constexpr Uuid() noexcept = default;
  // Version 7 from a moment and 10 random bytes. Pure: the caller brings the randomness.
  static Uuid v7(Timestamp at, const std::array<std::uint8_t, 10>& random) noexcept;
  // Version 4 from 16 random bytes.
  static Uuid v4(const std::array<std::uint8_t, 16>& random) noexcept;
  static result<Uuid> parse(std::string_view text);
  static constexpr Uuid from_bytes(const std::array<std::uint8_t, 16>& bytes) noexcept {
    Uuid id;
    id.bytes_ = bytes;
    return id;
  }
  // 8-4-4-4-12 in lower case.
  std::string to_string() const;
  constexpr const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  constexpr bool is_nil() const noexcept { return *this == Uuid{}; }
  constexpr auto operator<=>(const Uuid&) const noexcept = default;
  // In two steps: the engine compares ids more often than it does anything else.
  constexpr bool operator==(const Uuid& other) const noexcept {
    using Halves = std::array<std::uint64_t, 2>;
    const auto mine = std::bit_cast<Halves>(bytes_);
    const auto its = std::bit_cast<Halves>(other.bytes_);
    return mine[0] == its[0] && mine[1] == its[1];
  }

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

// The kind of thing is part of the type, so a run's id cannot be handed over as a command's.
template <class Tag>
struct Id {
  Uuid uuid;
  std::string to_string() const { return uuid.to_string(); }
  static result<Id> parse(std::string_view text) {
    auto uuid = Uuid::parse(text);
    if (!uuid) return uuid.error();
    return Id{*uuid};
  }
  constexpr auto operator<=>(const Id&) const noexcept = default;
};
using RunId = Id<struct RunTag>;
using CommandId = Id<struct CommandTag>;

// A task within its run: a dense ordinal in the plan's order.
using TaskNo = std::uint32_t;
// A try of a task, from 1; goes on over retries by hand.
using AttemptNo = std::uint32_t;

struct TaskRef {
  RunId run;
  TaskNo task = 0;
  constexpr auto operator<=>(const TaskRef&) const noexcept = default;
};
struct AttemptRef {
  RunId run;
  TaskNo task = 0;
  AttemptNo attempt = 0;
  constexpr auto operator<=>(const AttemptRef&) const noexcept = default;
};

}  // namespace weft

template <>
struct std::hash<weft::Uuid> {
  std::size_t operator()(const weft::Uuid& id) const noexcept {
    std::size_t tail = 0;  // the last eight bytes are random in both versions
    std::memcpy(&tail, id.bytes().data() + 8, sizeof tail);
    return tail;
  }
};
template <class Tag>
struct std::hash<weft::Id<Tag>> {
  std::size_t operator()(const weft::Id<Tag>& id) const noexcept {
    return std::hash<weft::Uuid>{}(id.uuid);
  }
};
template <>
struct std::hash<weft::TaskRef> {
  std::size_t operator()(const weft::TaskRef& ref) const noexcept {
    return std::hash<weft::RunId>{}(ref.run) * 31 + ref.task;
  }
};
