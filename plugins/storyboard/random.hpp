// SPDX-License-Identifier: Apache-2.0
// Repeatable randomness: the same seed gives the same numbers on every machine, which the standard
// library's distributions do not promise.
#pragma once
#include <cstdint>
#include <string_view>

namespace storyboard {

// FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
constexpr std::uint64_t hash(std::string_view text, std::uint64_t basis = 0xcbf29ce484222325U) {
  for (const char c : text) {
    basis = (basis ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return basis;
}

// SplitMix64 (https://prng.di.unimi.it/splitmix64.c).
class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // In [0, 1).
  constexpr double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
  // In [low, high).
  constexpr double between(double low, double high) { return low + (high - low) * unit(); }
  // In [0, count).
  constexpr int index(int count) { return static_cast<int>(unit() * count); }
  constexpr bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace storyboard
