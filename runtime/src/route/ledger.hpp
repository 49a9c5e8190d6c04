// SPDX-License-Identifier: Apache-2.0
// The money of one run: reserved with the intent, settled with the result. Only the run's own
// currency counts against its limit; amounts in different currencies never add up.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
    std::int64_t left = limit_->micros;
    for (const Total& total : totals_)
      if (total.currency == limit_->currency) left -= total.micros;
    return Money{left > 0 ? left : 0, limit_->currency};
  }
  void reserve(const MaybeMoney& amount) { add(amount, 1); }
  void release(const MaybeMoney& amount) { add(amount, -1); }
  void spend(const MaybeMoney& amount) { add(amount, 1); }

 private:
  struct Total {
    Currency currency;
    std::int64_t micros = 0;  // spent and reserved
  };
  void add(const MaybeMoney& amount, std::int64_t sign) {
    if (!amount || amount->micros == 0) return;
    for (Total& total : totals_)
      if (total.currency == amount->currency)
        return static_cast<void>(total.micros += sign * amount->micros);
    totals_.push_back({amount->currency, sign * amount->micros});
  }
  MaybeMoney limit_;
  std::vector<Total> totals_;  // one or two: a run without a limit may get one later
};

}  // namespace weft::route
