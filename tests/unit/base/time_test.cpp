// SPDX-License-Identifier: Apache-2.0
#include "base/time.hpp"

#include "print_result.hpp"

using namespace weft;
using namespace std::chrono_literals;

TEST_CASE("a duration is a number and a unit") {
  CHECK(parse_duration("500ms").value() == 500ms);
  CHECK(parse_duration("2s").value() == 2s);
  CHECK(parse_duration("10m").value() == 10min);
  CHECK(parse_duration("1h").value() == 1h);
  CHECK(parse_duration("7d").value() == 168h);
  CHECK(parse_duration("0s").value() == 0ms);
}

TEST_CASE("a fraction is taken when it comes out in whole milliseconds") {
  CHECK(parse_duration("1.5s").value() == 1500ms);
  CHECK_FALSE(parse_duration("1.5ms"));
  CHECK_FALSE(parse_duration("0.0001s"));
}

TEST_CASE("what is no duration is refused, and the forms are shown") {
  for (const char* bad :
       {"", "10", "m", "-1s", "1 s", "1w", "1s2", "inf", "nan", "1e3s", "999999999999999999d"}) {
    CAPTURE(bad);
    const auto span = parse_duration(bad);
    REQUIRE_FALSE(span);
    CHECK(span.error().remedy.find("500ms") != std::string::npos);
  }
}

TEST_CASE("a duration is shown in its largest whole unit and read back the same") {
  CHECK(to_string(Duration{90s}) == "90s");
  CHECK(to_string(Duration{1500ms}) == "1500ms");
  CHECK(to_string(Duration{2h}) == "2h");
  for (const Duration span : {Duration{0}, Duration{1}, Duration{60s}, Duration{36h}})
    CHECK(parse_duration(to_string(span)).value() == span);
}

TEST_CASE("a moment is shown in UTC as RFC 3339 says, before 1970 too") {
  CHECK(to_string(from_unix_ms(0)) == "1970-01-01T00:00:00.000Z");
  CHECK(to_string(from_unix_ms(951'782'400'120)) == "2000-02-29T00:00:00.120Z");
  CHECK(to_string(from_unix_ms(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("a deadline is reached at its moment; one that was never set, never") {
  const Timestamp at = from_unix_ms(1000);
  const Deadline deadline{at};
  CHECK_FALSE(deadline.reached(at - 1ms));
  CHECK(deadline.reached(at));
  CHECK_FALSE(Deadline::never().is_set());
  CHECK_FALSE(Deadline::never().reached(at + 24h));
}

TEST_CASE("of two deadlines the earlier one holds, and a pause delays only those that are set") {
  const Deadline soon{from_unix_ms(1000)};
  const Deadline late{from_unix_ms(2000)};
  CHECK(soon.earlier(late) == soon);
  CHECK(late.earlier(soon) == soon);
  CHECK(soon.earlier(Deadline::never()) == soon);
  CHECK(soon.delayed(1s) == late);
  CHECK(Deadline::never().delayed(1h) == Deadline::never());
}

TEST_CASE("a moment that may be missing is as large as a moment, and compares as an optional one") {
  static_assert(sizeof(MaybeTimestamp) == sizeof(Timestamp));
  const Timestamp at = from_unix_ms(5);
  MaybeTimestamp moment;
  CHECK_FALSE(moment);
  CHECK(moment == std::optional<Timestamp>());
  CHECK_FALSE(moment == std::optional{at});
  moment = at;
  REQUIRE(moment);
  CHECK(*moment == at);
  CHECK(moment == std::optional{at});
  CHECK(std::optional<Timestamp>(moment) == at);
  moment.reset();
  CHECK(moment == MaybeTimestamp(std::nullopt));
}
