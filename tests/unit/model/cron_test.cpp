// SPDX-License-Identifier: Apache-2.0
#include "model/cron.hpp"

#include <sstream>

#include "catch.hpp"

using namespace weft;

namespace {

Timestamp at(const std::string& text) {
  std::tm parts{};
  std::istringstream(text) >> std::get_time(&parts, "%Y-%m-%dT%H:%MZ");
  return Timestamp{std::chrono::sys_days{std::chrono::year{parts.tm_year + 1900} /
                                         (parts.tm_mon + 1) / parts.tm_mday} +
                   std::chrono::hours{parts.tm_hour} + std::chrono::minutes{parts.tm_min}};
}

// The next `count` times after a moment, in UTC without seconds.
std::vector<std::string> times(const std::string& cron, const std::string& zone,
                               const std::string& after, std::size_t count) {
  const Cron parsed = Cron::parse(cron).value();
  const TimeZone where = TimeZone::find(zone).value();
  std::vector<std::string> all;
  Timestamp now = at(after);
  while (all.size() < count) {
    now = parsed.next(now, where);
    all.push_back(to_string(now).substr(0, 16) + "Z");
  }
  return all;
}

using Times = std::vector<std::string>;

std::string complaint(const std::string& cron) {
  const auto parsed = Cron::parse(cron);
  return parsed ? "none" : parsed.error().to_string();
}

}  // namespace

TEST_CASE("times come in the order of the calendar") {
  struct Row {
    std::string cron, after;
    Times expected;
  };
  const std::vector<Row> rows{
      {"30 3 * * *", "2026-11-30T03:29Z", {"2026-11-30T03:30Z", "2026-12-01T03:30Z"}},
      {"30 3 * * *", "2026-11-30T03:30Z", {"2026-12-01T03:30Z"}},
      {"*/20 8-9 * * *",
       "2026-11-30T08:30Z",
       {"2026-11-30T08:40Z", "2026-11-30T09:00Z", "2026-11-30T09:20Z", "2026-11-30T09:40Z",
        "2026-12-01T08:00Z"}},
      {"0 12 * * mon-fri", "2026-11-27T12:00Z", {"2026-11-30T12:00Z", "2026-12-01T12:00Z"}},
      {"0 0 1 jan *", "2026-11-30T00:00Z", {"2027-01-01T00:00Z", "2028-01-01T00:00Z"}},
      {"0 0 29 2 *", "2026-11-30T00:00Z", {"2028-02-29T00:00Z", "2032-02-29T00:00Z"}},
      {"0 0 13 * fri",
       "2026-11-10T00:00Z",
       {"2026-11-13T00:00Z", "2026-11-20T00:00Z", "2026-11-27T00:00Z", "2026-12-04T00:00Z",
        "2026-12-11T00:00Z", "2026-12-13T00:00Z"}},
      {"0 0 */10 * *", "2026-11-10T00:00Z", {"2026-11-11T00:00Z", "2026-11-21T00:00Z"}},
      {"0 0 * * 7", "2026-11-30T00:00Z", {"2026-12-06T00:00Z"}},
      {"@weekly", "2026-11-30T00:00Z", {"2026-12-06T00:00Z"}},
      {"@hourly", "2026-11-30T00:10Z", {"2026-11-30T01:00Z", "2026-11-30T02:00Z"}},
      {"@Daily", "2026-11-30T00:10Z", {"2026-12-01T00:00Z"}},
      {"5,35 * 24 12 *", "2026-11-30T00:00Z", {"2026-12-24T00:05Z", "2026-12-24T00:35Z"}},
  };
  for (const Row& row : rows) {
    INFO(row.cron);
    CHECK(times(row.cron, "UTC", row.after, row.expected.size()) == row.expected);
  }
}

TEST_CASE("a daily time is that of the clocks of its zone, in summer and in winter") {
  CHECK(times("0 9 * * *", "Europe/Berlin", "2026-03-27T12:00Z", 3) ==
        Times{"2026-03-28T08:00Z", "2026-03-29T07:00Z", "2026-03-30T07:00Z"});
  CHECK(times("0 9 * * *", "America/New_York", "2026-10-31T14:00Z", 2) ==
        Times{"2026-11-01T14:00Z", "2026-11-02T14:00Z"});
  CHECK(times("0 9 * * *", "Asia/Kathmandu", "2026-03-27T12:00Z", 1) == Times{"2026-03-28T03:15Z"});
}

TEST_CASE("a time that clocks skip comes once, when they go forward") {
  // 2026-03-29 in Berlin: 02:00 becomes 03:00, at 01:00 UTC.
  CHECK(times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", 3) ==
        Times{"2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"});
  CHECK(times("0,30 2-3 * * *", "Europe/Berlin", "2026-03-28T23:00Z", 3) ==
        Times{"2026-03-29T01:00Z", "2026-03-29T01:30Z", "2026-03-30T00:00Z"});
}

TEST_CASE("a time that clocks show twice comes once") {
  // 2026-10-25 in Berlin: 03:00 becomes 02:00, at 01:00 UTC.
  CHECK(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2) ==
        Times{"2026-10-25T00:30Z", "2026-10-26T01:30Z"});
  // Asked in between, or within the second hour.
  CHECK(times("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45Z", 1) == Times{"2026-10-26T01:30Z"});
  CHECK(times("30 2 * * *", "Europe/Berlin", "2026-10-25T01:10Z", 1) == Times{"2026-10-26T01:30Z"});
}

TEST_CASE("what is asked for every hour comes in each hour that passes, whatever clocks show") {
  CHECK(times("30 * * * *", "Europe/Berlin", "2026-10-24T23:40Z", 4) ==
        Times{"2026-10-25T00:30Z", "2026-10-25T01:30Z", "2026-10-25T02:30Z", "2026-10-25T03:30Z"});
  CHECK(times("30 * * * *", "Europe/Berlin", "2026-03-29T00:00Z", 3) ==
        Times{"2026-03-29T00:30Z", "2026-03-29T01:30Z", "2026-03-29T02:30Z"});
  CHECK(times("*/30 * * * sun", "Europe/Berlin", "2026-10-25T22:20Z", 2) ==
        Times{"2026-10-25T22:30Z", "2026-10-31T23:00Z"});
  // A zone whose clocks change by half an hour: Lord Howe, 2026-04-04T15:00Z.
  CHECK(times("0 * * * *", "Australia/Lord_Howe", "2026-04-04T13:30Z", 3) ==
        Times{"2026-04-04T14:00Z", "2026-04-04T15:30Z", "2026-04-04T16:30Z"});
}

TEST_CASE("a zone whose day begins an hour late has its daily time at that hour") {
  // Beirut skips midnight: 2026-03-29T00:00 is 01:00, at 22:00 UTC the day before.
  CHECK(times("@daily", "Asia/Beirut", "2026-03-28T12:00Z", 2) ==
        Times{"2026-03-28T22:00Z", "2026-03-29T21:00Z"});
}

TEST_CASE("what is wrong with a cron is said by its field") {
  CHECK(complaint("* * * *").find("five fields") != std::string::npos);
  CHECK(complaint("61 * * * *").find("'61' is no minute") != std::string::npos);
  CHECK(complaint("0 24 * * *").find("'24' is no hour") != std::string::npos);
  CHECK(complaint("0 0 0 * *").find("'0' is no day of month") != std::string::npos);
  CHECK(complaint("0 0 * foo *").find("'foo' is no month") != std::string::npos);
  CHECK(complaint("0 0 * * funday").find("'funday' is no day of week") != std::string::npos);
  CHECK(complaint("5-1 * * * *").find("'5-1' is no minute") != std::string::npos);
  CHECK(complaint("*/0 * * * *").find("'*/0' is no minute") != std::string::npos);
  CHECK(complaint("1//2 * * * *").find("is no minute") != std::string::npos);
  CHECK(complaint("0 0 30 2 *").find("never comes") != std::string::npos);
  CHECK(complaint("@fortnightly").find("five fields") != std::string::npos);
}

TEST_CASE("a zone that nobody knows is refused") {
  CHECK_FALSE(TimeZone::find("Europe/Berlim").has_value());
  CHECK_FALSE(TimeZone::find("").has_value());
  CHECK_FALSE(TimeZone::find("/etc/passwd").has_value());
  CHECK_FALSE(TimeZone::find("../../etc/passwd").has_value());
}
