// SPDX-License-Identifier: Apache-2.0
// The dice of the simulation: splitmix64 (Steele, Lea, Flood 2014), the same on every machine.
#pragma once
#include <cstdint>
#include <span>

#include "base/time.hpp"

namespace weft::simulation {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x632be59bd9b4e019u) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  // 0 ... n-1; 0 when n is 0.
  std::uint32_t below(std::uint64_t n) noexcept {
    return n == 0 ? 0 : static_cast<std::uint32_t>(next() % n);
  }
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(std::uint32_t permille) noexcept { return below(1000) < permille; }
  Duration span(std::int64_t low_ms, std::int64_t high_ms) noexcept {
    return Duration{between(low_ms, high_ms)};
  }
  template <class List>
  auto& pick(List& list) noexcept {
    return list[below(list.size())];
  }
  // An index, drawn with the weights given.
  std::size_t weighted(std::span<const std::uint32_t> weights) noexcept {
    std::uint64_t sum = 0;
    for (const std::uint32_t weight : weights) sum += weight;
    std::uint64_t at = below(sum);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (at < weights[i]) return i;
      at -= weights[i];
    }
    return weights.size() - 1;
  }

 private:
  std::uint64_t state_;
};

}  // namespace weft::simulation
