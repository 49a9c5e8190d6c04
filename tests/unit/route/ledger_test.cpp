// SPDX-License-Identifier: Apache-2.0
#include "route/ledger.hpp"

#include "print_result.hpp"

using namespace weft;
using route::Ledger;

namespace {

Money dollars(const std::string& amount) {
  return Money::parse(amount, "USD").value();
}

}  // namespace

TEST_CASE("without a limit money is counted and never refused") {
  Ledger ledger;
  ledger.spend(dollars("100.00"));
  CHECK_FALSE(ledger.left());
}

TEST_CASE("what is reserved is not left, and comes back when it is released") {
  Ledger ledger(dollars("1.00"));
  ledger.reserve(dollars("0.40"));
  CHECK(ledger.left() == dollars("0.60"));
  ledger.release(dollars("0.40"));
  ledger.spend(dollars("0.35"));
  CHECK(ledger.left() == dollars("0.65"));
}

TEST_CASE("a bill above the reservation leaves nothing, never less") {
  Ledger ledger(dollars("1.00"));
  ledger.spend(dollars("1.70"));
  CHECK(ledger.left() == dollars("0"));
}

TEST_CASE("a higher limit counts what was spent before it") {
  Ledger ledger(dollars("1.00"));
  ledger.spend(dollars("0.90"));
  ledger.set_limit(dollars("2.00"));
  CHECK(ledger.left() == dollars("1.10"));
}

TEST_CASE("another currency and an unknown amount do not count against the limit") {
  Ledger ledger(dollars("1.00"));
  ledger.spend(Money::parse("0.50 EUR", "USD").value());
  ledger.reserve(std::nullopt);
  CHECK(ledger.left() == dollars("1.00"));
}
