// SPDX-License-Identifier: Apache-2.0
// What became of the attempts at a service, counted by the minute: the history that people, and
// later routing, look at.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.hpp"
#include "base/time.hpp"
#include "model/outcome.hpp"
#include "model/usage.hpp"

namespace weft {

// Quantiles of durations within 2 % of their true value, in room that does not grow with their
// number: a DDSketch (C. Masson, J. E. Rim, H. K. Lee, 2019). Sketches of parts add up to that of
// the whole.
class LatencySketch {
 public:
  void add(Duration latency);
  void merge(const LatencySketch& other);
  std::uint64_t count() const noexcept { return count_; }
  // `share` from 0 to 1: 0.5 is the median. Zero when nothing was added.
  Duration quantile(double share) const;

  // "bucket:count ..." in rising order; how it is stored.
  std::string to_text() const;
  // Nothing when the text is none of those.
  static std::optional<LatencySketch> from_text(std::string_view text);

 private:
  std::map<std::int32_t, std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
};

// Whether the outcome speaks against the service. A request that was wrong, refused, cancelled or
// too dear says nothing about it.
bool is_fault(Outcome outcome) noexcept;

// Attempts that ended in a span of time, at one service and for one operation.
struct ServiceUse {
  std::uint64_t ended = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t faults = 0;                         // is_fault
  Duration waited{};                                // for a slot, all together
  LatencySketch latency;                            // of those that succeeded
  std::map<std::string, std::int64_t> cost_micros;  // by currency
  Usage usage;                                      // of those that are known

  void add(Outcome outcome, Duration wait, std::optional<Duration> took, const MaybeMoney& cost);
  void merge(const ServiceUse& other);
};

// One row of table `service_minute`.
struct ServiceMinute {
  Timestamp minute{};  // its beginning
  std::string service;
  std::string operation;
  std::uint64_t book = 0;  // who counted: a runtime that was started again counts anew
  ServiceUse use;
};

}  // namespace weft
