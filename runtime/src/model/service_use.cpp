// SPDX-License-Identifier: Apache-2.0
#include "model/service_use.hpp"

#include <charconv>
#include <cmath>

namespace weft {
namespace {

constexpr double accuracy = 0.02;
const double growth = std::log((1 + accuracy) / (1 - accuracy));
// Durations under a millisecond share one bucket below all others.
constexpr std::int32_t lowest_bucket = -1;

std::int32_t bucket_of(Duration latency) {
  if (latency.count() < 1) return lowest_bucket;
  return static_cast<std::int32_t>(
      std::ceil(std::log(static_cast<double>(latency.count())) / growth));
}

// The value whose relative distance to both ends of the bucket is the same.
Duration middle_of(std::int32_t bucket) {
  if (bucket == lowest_bucket) return Duration{0};
  return Duration{std::llround(2 * std::exp(growth * bucket) / (1 + std::exp(growth)))};
}

}  // namespace

void LatencySketch::add(Duration latency) {
  ++buckets_[bucket_of(latency)];
  ++count_;
}

void LatencySketch::merge(const LatencySketch& other) {
  for (const auto& [bucket, count] : other.buckets_) buckets_[bucket] += count;
  count_ += other.count_;
}

Duration LatencySketch::quantile(double share) const {
  const auto rank =
      static_cast<std::uint64_t>(share * static_cast<double>(count_ > 0 ? count_ - 1 : 0));
  std::uint64_t seen = 0;
  for (const auto& [bucket, count] : buckets_) {
    seen += count;
    if (seen > rank) return middle_of(bucket);
  }
  return Duration{0};
}

std::string LatencySketch::to_text() const {
  std::string text;
  for (const auto& [bucket, count] : buckets_)
    text += (text.empty() ? "" : " ") + std::to_string(bucket) + ":" + std::to_string(count);
  return text;
}

std::optional<LatencySketch> LatencySketch::from_text(std::string_view text) {
  LatencySketch sketch;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::int32_t bucket = 0;
    std::uint64_t count = 0;
    const auto first = std::from_chars(at, end, bucket);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, count);
    if (second.ec != std::errc{} || (second.ptr != end && *second.ptr != ' ')) return std::nullopt;
    sketch.buckets_[bucket] += count;
    sketch.count_ += count;
    at = second.ptr == end ? end : second.ptr + 1;
  }
  return sketch;
}

bool is_fault(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::ok:
    case Outcome::bad_input:
    case Outcome::unsupported:
    case Outcome::refused:
    case Outcome::cancelled:
    case Outcome::budget:
    case Outcome::interrupted:
      return false;
    default:
      return true;
  }
}

void ServiceUse::add(Outcome outcome, Duration wait, std::optional<Duration> took,
                     const MaybeMoney& cost) {
  ++ended;
  succeeded += outcome == Outcome::ok ? 1 : 0;
  faults += is_fault(outcome) ? 1 : 0;
  waited += wait;
  if (took && outcome == Outcome::ok) latency.add(*took);
  if (cost && cost->micros != 0) cost_micros[std::string(cost->currency.code())] += cost->micros;
}

void ServiceUse::merge(const ServiceUse& other) {
  ended += other.ended;
  succeeded += other.succeeded;
  faults += other.faults;
  waited += other.waited;
  latency.merge(other.latency);
  for (const auto& [currency, micros] : other.cost_micros) cost_micros[currency] += micros;
  usage.add(other.usage);
}

}  // namespace weft
