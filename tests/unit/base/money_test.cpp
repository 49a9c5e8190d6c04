// SPDX-License-Identifier: Apache-2.0
#include "base/money.hpp"

#include "print_result.hpp"

using namespace weft;

TEST_CASE("money is read in millionths of its currency, without rounding") {
  CHECK(Money::parse("0.40", "USD").value() == Money{400'000, "USD"});
  CHECK(Money::parse("3", "USD").value() == Money{3'000'000, "USD"});
  CHECK(Money::parse("0.000001", "USD").value() == Money{1, "USD"});
  CHECK(Money::parse("999999999999.999999", "USD").value().micros == 999'999'999'999'999'999);
}

TEST_CASE("a currency beside the amount beats the default one") {
  CHECK(Money::parse("0.40 EUR", "USD").value() == Money{400'000, "EUR"});
}

TEST_CASE("what is no amount of money is refused, and the form is shown") {
  for (const char* bad : {"", "-1", ".5", "1.", "1.0000001", "1e3", "0,40", "1 usd", "1 EURO",
                          "1  EUR", " 1", "1 ", "1000000000000", "one"}) {
    CAPTURE(bad);
    const auto money = Money::parse(bad, "USD");
    REQUIRE_FALSE(money);
    CHECK(money.error().kind == ErrorKind::invalid);
    CHECK(money.error().remedy.find("0.40 EUR") != std::string::npos);
  }
}

TEST_CASE("money is shown with two to six decimals") {
  CHECK(Money{0, "USD"}.to_string() == "0.00 USD");
  CHECK(Money{400'000, "USD"}.to_string() == "0.40 USD");
  CHECK(Money{1'234'567, "EUR"}.to_string() == "1.234567 EUR");
  CHECK(Money{-1'500'000, "USD"}.to_string() == "-1.50 USD");
}

TEST_CASE("money that was shown is read back to the same amount") {
  for (const std::int64_t micros : {0, 1, 10, 999'999, 1'000'000, 12'345'678}) {
    const Money money{micros, "USD"};
    CHECK(Money::parse(money.to_string(), "EUR").value() == money);
  }
}
