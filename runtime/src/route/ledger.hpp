// SPDX-License-Identifier: Apache-2.0
// The money of one run: reserved with the intent, settled with the result. Only the run's own
// currency counts against its limit; amounts in different currencies never add up.
#pragma once
#include <cstdint>
#include <optional>

#include "base/money.hpp"

namespace weft::route {

class Ledger {
 public:
  Ledger() = default;
  // `limit` none: money is counted, never refused.
  explicit Ledger(MaybeMoney limit) : limit_(std::move(limit)) {}

  const MaybeMoney& limit() const noexcept { return limit_; }
  void set_limit(MaybeMoney limit) { limit_ = std::move(limit); }

  // What may still be reserved; none without a limit. Never negative.
  MaybeMoney left() const {
    if (!limit_) return std::nullopt;
    const std::int64_t left = limit_->micros - spent_micros_ - reserved_micros_;
    return Money{left > 0 ? left : 0, limit_->currency};
  }
  void reserve(const MaybeMoney& amount) { reserved_micros_ += counted(amount); }
  void release(const MaybeMoney& amount) { reserved_micros_ -= counted(amount); }
  void spend(const MaybeMoney& amount) { spent_micros_ += counted(amount); }

 private:
  std::int64_t counted(const MaybeMoney& amount) const noexcept {
    return amount && (!limit_ || amount->currency == limit_->currency) ? amount->micros : 0;
  }
  MaybeMoney limit_;
  std::int64_t spent_micros_ = 0;
  std::int64_t reserved_micros_ = 0;
};

}  // namespace weft::route
