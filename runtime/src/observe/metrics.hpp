// SPDX-License-Identifier: Apache-2.0
// Counters and histograms, by name and labels.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::observe {

// ("service", "comfy-a"), ...; order does not matter, of equal names the first counts.
using Labels = std::vector<std::pair<std::string, std::string>>;

// Upper limits (inclusive) of a histogram's buckets: 1-2-5 steps over nine decades, so that one
// grid serves seconds, milliseconds and bytes alike. One more bucket takes what is above the last.
inline constexpr std::array<double, 28> bucket_limits{
    1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1,   2,   5,   10,  20,
    50,   100,  200,  500,  1e3,  2e3,  5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6};

struct CounterSample {
  std::string name;
  Labels labels;  // sorted by name
  double value = 0;
};
struct HistogramSample {
  std::string name;
  Labels labels;  // sorted by name
  std::uint64_t count = 0;
  double sum = 0;
  std::array<std::uint64_t, bucket_limits.size() + 1> buckets{};
};
struct MetricsSnapshot {
  std::vector<CounterSample> counters;      // sorted by name, then labels
  std::vector<HistogramSample> histograms;  // sorted by name, then labels
  std::uint64_t refused = 0;                // calls that returned false
};

// All functions may be called by any thread.
class Metrics {
 public:
  // A label that takes endlessly many values (an id, say) must not eat the memory of the process.
  explicit Metrics(std::size_t series_at_most = 10'000) : series_at_most_(series_at_most) {}

  // False, and counted as refused, if `delta` is negative or not finite, or there are too many
  // series.
  bool add(std::string_view counter, const Labels& labels = {}, double delta = 1);
  // False, and counted as refused, if `value` is not finite, or there are too many series.
  bool observe(std::string_view histogram, const Labels& labels, double value);
  // One moment's values.
  MetricsSnapshot snapshot() const;

 private:
  using Series = std::pair<std::string, Labels>;
  bool refuse();
  template <class Sample>
  Sample* find_or_make(std::map<Series, Sample>& all, std::string_view name, const Labels& labels);

  const std::size_t series_at_most_;
  mutable std::mutex mutex_;
  std::map<Series, CounterSample> counters_;
  std::map<Series, HistogramSample> histograms_;
  std::uint64_t refused_ = 0;
};

}  // namespace weft::observe
