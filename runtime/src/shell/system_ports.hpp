// SPDX-License-Identifier: Apache-2.0
// The clock and the dice of this machine, for the engine.
#pragma once
#include <random>

#include "engine/ports.hpp"
#include "shell/environment.hpp"

namespace weft::shell {

class SystemClock final : public engine::ClockPort {
 public:
  Timestamp now() override { return shell::now(); }
};

class SystemRandom final : public engine::RandomPort {
 public:
  std::uint64_t next() override { return engine_(); }

 private:
  static std::seed_seq seed() {
    std::random_device device;
    return std::seed_seq{device(), device(), device(), device(),
                         device(), device(), device(), device()};
  }
  static std::mt19937_64 seeded() {
    std::seed_seq sequence = seed();
    return std::mt19937_64(sequence);
  }
  std::mt19937_64 engine_ = seeded();
};

}  // namespace weft::shell
