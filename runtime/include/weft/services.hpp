// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: what is there to see of services (Runtime::services,
// Runtime::discover).
#pragma once
#include <weft/usage.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

// Of all views.
using TimePoint = std::chrono::sys_time<std::chrono::milliseconds>;

// What became of attempts at a service in a span of time.
struct UseView {
  std::string operation;  // "": all together
  std::uint64_t ended = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t faults = 0;  // of the service; the rest was refused, cancelled or asked wrongly
  std::int64_t p50_ms = 0;   // of those that succeeded, within 2 %
  std::int64_t p95_ms = 0;
  std::int64_t waited_ms = 0;  // for a slot, on average
  std::string cost;            // "1.20 USD"; "" nothing
  UsageView usage;             // CPU time of all together; of the rest the most
};

struct ServiceView {
  std::string name;
  std::string component;
  std::vector<std::string> operations;
  std::string slot_class;
  std::uint32_t slots = 1;
  std::uint32_t concurrency = 0;  // 0: as the class allows
  std::string price;              // "free", "0.04 USD", "table", "unknown"
  bool placeholder = false;
  bool enabled = true;      // by the configuration
  std::string unavailable;  // why it cannot be used; "" it can
  // healthy, degraded, open, half_open; or out of use: draining while something runs there, then
  // disabled.
  std::string health = "healthy";
  std::string health_reason;  // why it is so; "" it has never been otherwise
  // Of an open one: when a task may try it out; unset: once the configuration was read again.
  std::optional<TimePoint> open_until;
  std::optional<TimePoint> paused_until;  // it asked to be left alone until then
  std::uint32_t in_flight = 0;
  std::vector<UseView> use;  // all together first, then by operation; empty: nothing has ended
};

// A server on this machine that no service of the configuration speaks of.
struct FoundServerView {
  std::string kind;  // "ComfyUI", "A1111 or Forge", "Ollama", "llama.cpp"
  std::string url;
};

}  // namespace weft
