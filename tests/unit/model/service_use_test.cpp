// SPDX-License-Identifier: Apache-2.0
#include "model/service_use.hpp"

#include <algorithm>
#include <cmath>

#include "catch.hpp"

using namespace weft;

namespace {

LatencySketch sketch_of(const std::vector<std::int64_t>& values) {
  LatencySketch sketch;
  for (const std::int64_t value : values) sketch.add(Duration{value});
  return sketch;
}

}  // namespace

TEST_CASE("a sketch tells quantiles within two percent, from milliseconds to days") {
  std::vector<std::int64_t> values;
  for (std::int64_t value = 1; value < 200'000'000; value = value * 21 / 20 + 1)
    values.push_back(value);
  const LatencySketch sketch = sketch_of(values);
  CHECK(sketch.count() == values.size());
  for (const double share : {0.0, 0.05, 0.5, 0.95, 1.0}) {
    const auto exact = static_cast<double>(
        values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))]);
    const auto told = static_cast<double>(sketch.quantile(share).count());
    CAPTURE(share, exact, told);
    CHECK(std::abs(told - exact) <= 0.02 * exact + 0.5);
  }
}

TEST_CASE("a sketch of nothing is zero, and less than a millisecond is told as zero") {
  CHECK(LatencySketch().quantile(0.5) == Duration{0});
  CHECK(sketch_of({0, 0, 0}).quantile(0.95) == Duration{0});
}

TEST_CASE("sketches of parts add up to that of the whole, also after they were stored") {
  LatencySketch first = sketch_of({5, 10, 100'000});
  const LatencySketch second = sketch_of({7, 10, 0});
  first.merge(LatencySketch::from_text(second.to_text()).value());
  const LatencySketch whole = sketch_of({5, 10, 100'000, 7, 10, 0});
  CHECK(first.to_text() == whole.to_text());
  CHECK(first.count() == 6);
  CHECK(LatencySketch::from_text("").value().count() == 0);
  for (const char* text : {"x", "1", "1:", "1:2,", "1:2 x", ":3", "1:-2"})
    CHECK_FALSE(LatencySketch::from_text(text));
}

TEST_CASE("only what the service did wrong counts against it") {
  ServiceUse use;
  for (const Outcome outcome : {Outcome::ok, Outcome::transient, Outcome::refused,
                                Outcome::cancelled, Outcome::unknown, Outcome::interrupted})
    use.add(outcome, Duration{10}, Duration{500}, Money{2, "USD"});
  CHECK(use.ended == 6);
  CHECK(use.succeeded == 1);
  CHECK(use.faults == 2);
  CHECK(use.waited == Duration{60});
  CHECK(use.latency.count() == 1);
  CHECK(use.cost_micros == std::map<std::string, std::int64_t>{{"USD", 12}});
}

TEST_CASE("costs in different currencies never add up") {
  ServiceUse use;
  use.add(Outcome::ok, {}, {}, Money{2, "USD"});
  use.add(Outcome::ok, {}, {}, Money{3, "EUR"});
  use.add(Outcome::ok, {}, {}, std::nullopt);
  CHECK(use.cost_micros == std::map<std::string, std::int64_t>{{"EUR", 3}, {"USD", 2}});
}
