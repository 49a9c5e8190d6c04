// SPDX-License-Identifier: Apache-2.0
// The benchmark's own arithmetic and form.
#include <boost/json/parse.hpp>

#include "catch.hpp"
#include "harness.hpp"
#include "report.hpp"

using namespace weft::bench;

TEST_CASE("a figure is the median of its rounds, with the least and the most beside it") {
  const Statistics odd = statistics({5, 1, 3});
  CHECK(odd.median == 3);
  CHECK(odd.min == 1);
  CHECK(odd.max == 5);
  CHECK(statistics({4, 1, 3, 2}).median == 2.5);
}

TEST_CASE("the best round decides whether a goal holds") {
  CHECK(figure("r", "x", at_least(0.7), {0.2, 0.3, 0.71}).holds() == true);
  CHECK(figure("r", "x", at_least(0.7), {0.2, 0.3, 0.69}).holds() == false);
  CHECK(figure("r", "ms", at_most(10), {30, 20, 10}).holds() == true);
  CHECK(figure("r", "ms", at_most(10), {30, 20, 11}).holds() == false);
  CHECK_FALSE(figure("r", "ms", {}, {30, 20, 11}).holds().has_value());
}

TEST_CASE("raw loop and runtime take turns, and who goes first changes with each round") {
  std::string order;
  const auto note = [&](char who) {
    return [&order, who](Clock::time_point) {
      order += who;
      return std::uint64_t{1};
    };
  };
  compare({4, std::chrono::milliseconds{1}}, note('r'), note('o'));
  CHECK(order ==
        "ro"
        "ro"
        "or"
        "ro"
        "or");
}

TEST_CASE("the ratio of a round is that of its own two slices") {
  Comparison comparison;
  comparison.raw = {{100, 1, 1}, {10, 1, 1}, {100, 1, 1}};  // a slow moment in the middle
  comparison.ours = {{80, 1, 2}, {8, 1, 2}, {90, 1, 2}};
  const Figure ratio = rate_ratio("r", at_least(0.7), comparison);
  CHECK(ratio.value.median == Approx(0.8));
  CHECK(ratio.value.max == Approx(0.9));
  CHECK(ratio.note == "noisy");  // the raw slices spread more than twofold
  comparison.raw[1].operations = 100;
  CHECK(rate_ratio("r", at_least(0.7), comparison).note.empty());
}

TEST_CASE("the machine's form has a member for each column") {
  Figure made = figure("w9", "ms", at_most(5), {4, 6});
  made.calibration = {{"fdatasync_p50_us", 90}};
  const auto list = boost::json::parse(json_of({made})).as_array();
  REQUIRE(list.size() == 1);
  const auto& entry = list.front().as_object();
  CHECK(entry.at("row") == "w9");
  CHECK(entry.at("value") == 5.0);
  CHECK(entry.at("unit") == "ms");
  CHECK(entry.at("goal") == "<= 5.00");
  CHECK(entry.at("holds") == true);
  CHECK(entry.at("spread") == boost::json::array{4.0, 6.0});
  CHECK(entry.at("calibration").at("fdatasync_p50_us") == 90.0);
}
