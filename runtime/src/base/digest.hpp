// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4, through libsodium): the name of an artifact and of a definition.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace weft {

struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  // 64 lower-case hex digits.
  std::string to_string() const;
  static result<Digest> parse(std::string_view hex);
  auto operator<=>(const Digest&) const = default;
};

// Feed bytes, then ask once. Not for use by two threads at a time.
class DigestBuilder {
 public:
  DigestBuilder();
  ~DigestBuilder();
  DigestBuilder(DigestBuilder&&) noexcept;
  DigestBuilder& operator=(DigestBuilder&&) noexcept;
  void add(std::span<const std::byte> bytes);
  void add(std::string_view bytes);
  // Ends the calculation; call nothing after it.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest digest_of(std::string_view bytes);

}  // namespace weft

template <>
struct std::hash<weft::Digest> {
  std::size_t operator()(const weft::Digest& digest) const noexcept {
    std::size_t head = 0;  // any part of it is as good as random
    std::memcpy(&head, digest.bytes.data(), sizeof head);
    return head;
  }
};
