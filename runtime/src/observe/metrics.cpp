// SPDX-License-Identifier: Apache-2.0
#include "observe/metrics.hpp"

#include <algorithm>
#include <cmath>

namespace weft::observe {
namespace {

Labels sorted_by_name(Labels labels) {
  const auto name = [](const auto& label) -> const std::string& { return label.first; };
  std::ranges::stable_sort(labels, {}, name);
  // std::ranges::unique() answers a subrange, on which clang 14 and libstdc++ 12 disagree.
  const auto same = [&](const auto& a, const auto& b) { return name(a) == name(b); };
  labels.erase(std::unique(labels.begin(), labels.end(), same), labels.end());
  return labels;
}

std::size_t bucket_of(double value) {
  const auto limit = std::ranges::lower_bound(bucket_limits, value);
  return static_cast<std::size_t>(limit - bucket_limits.begin());
}

template <class Map>
auto values_of(const Map& all) {
  std::vector<typename Map::mapped_type> values;
  values.reserve(all.size());
  for (const auto& [series, value] : all) values.push_back(value);
  return values;
}

}  // namespace

template <class Sample>
Sample* Metrics::find_or_make(std::map<Series, Sample>& all, std::string_view name,
                              const Labels& labels) {
  Series series{std::string(name), sorted_by_name(labels)};
  const auto found = all.find(series);
  if (found != all.end()) return &found->second;
  if (counters_.size() + histograms_.size() >= series_at_most_) return nullptr;
  Sample fresh;
  fresh.name = series.first;
  fresh.labels = series.second;
  return &all.emplace(std::move(series), std::move(fresh)).first->second;
}

bool Metrics::refuse() {
  ++refused_;
  return false;
}

bool Metrics::add(std::string_view counter, const Labels& labels, double delta) {
  const std::lock_guard lock(mutex_);
  if (!std::isfinite(delta) || delta < 0) return refuse();
  CounterSample* sample = find_or_make(counters_, counter, labels);
  if (!sample) return refuse();
  sample->value += delta;
  return true;
}

bool Metrics::observe(std::string_view histogram, const Labels& labels, double value) {
  const std::lock_guard lock(mutex_);
  if (!std::isfinite(value)) return refuse();
  HistogramSample* sample = find_or_make(histograms_, histogram, labels);
  if (!sample) return refuse();
  ++sample->count;
  sample->sum += value;
  ++sample->buckets[bucket_of(value)];
  return true;
}

MetricsSnapshot Metrics::snapshot() const {
  const std::lock_guard lock(mutex_);
  return {values_of(counters_), values_of(histograms_), refused_};
}

}  // namespace weft::observe
