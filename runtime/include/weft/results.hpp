// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: results that later tasks may take instead of asking a service.
#pragma once
#include <weft/services.hpp>

#include <cstdint>
#include <string>

namespace weft {

struct KeptResultView {
  std::string key;  // SHA-256 in hex of all that makes the result what it is
  std::string operation;
  std::string run;   // that made it; it may have been removed since
  std::string task;  // "video[3]"
  std::string pipeline;
  std::string service;
  std::uint64_t size_bytes = 0;
  TimePoint made_at{};
  TimePoint used_at{};  // when a task took it last, or made_at
};

}  // namespace weft
