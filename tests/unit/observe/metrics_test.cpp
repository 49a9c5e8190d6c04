// SPDX-License-Identifier: Apache-2.0
#include "observe/metrics.hpp"

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "catch.hpp"

using namespace weft::observe;

TEST_CASE("a counter adds up per name and labels, whatever the order of the labels") {
  Metrics metrics;
  metrics.add("calls", {{"service", "a"}, {"operation", "x"}});
  metrics.add("calls", {{"operation", "x"}, {"service", "a"}}, 2);
  metrics.add("calls", {{"service", "b"}});
  const auto snapshot = metrics.snapshot();
  REQUIRE(snapshot.counters.size() == 2);
  CHECK(snapshot.counters[0].labels == Labels{{"operation", "x"}, {"service", "a"}});
  CHECK(snapshot.counters[0].value == 3);
  CHECK(snapshot.counters[1].value == 1);
}

TEST_CASE("a histogram counts each value in the first bucket whose limit holds it") {
  Metrics metrics;
  for (const double value : {0.0, 1.0, 1.5, 2.0, 5e6}) metrics.observe("latency_ms", {}, value);
  const auto histogram = metrics.snapshot().histograms.at(0);
  CHECK(histogram.count == 5);
  CHECK(histogram.sum == 0.0 + 1.0 + 1.5 + 2.0 + 5e6);
  const auto at = [&](double limit) {
    for (std::size_t i = 0; i < bucket_limits.size(); ++i) {
      if (bucket_limits[i] == limit) return histogram.buckets[i];
    }
    return histogram.buckets.back();
  };
  CHECK(histogram.buckets.front() == 1);
  CHECK(at(1) == 1);
  CHECK(at(2) == 2);
  CHECK(histogram.buckets.back() == 1);
}

TEST_CASE("values that would spoil a metric are refused and counted") {
  Metrics metrics;
  CHECK_FALSE(metrics.add("calls", {}, -1));
  CHECK_FALSE(metrics.add("calls", {}, std::numeric_limits<double>::infinity()));
  CHECK_FALSE(metrics.observe("size", {}, std::nan("")));
  const auto snapshot = metrics.snapshot();
  CHECK(snapshot.refused == 3);
  CHECK(snapshot.counters.empty());
  CHECK(snapshot.histograms.empty());
}

TEST_CASE("new series are refused at the limit while known ones go on") {
  Metrics metrics(2);
  CHECK(metrics.add("calls", {{"id", "1"}}));
  CHECK(metrics.observe("size", {}, 1));
  CHECK_FALSE(metrics.add("calls", {{"id", "2"}}));
  CHECK(metrics.add("calls", {{"id", "1"}}));
  CHECK(metrics.snapshot().counters.at(0).value == 2);
}

TEST_CASE("several threads may count at once") {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&metrics] {
        for (int n = 0; n < 1000; ++n) metrics.add("calls");
      });
    }
  }
  CHECK(metrics.snapshot().counters.at(0).value == 4000);
}
