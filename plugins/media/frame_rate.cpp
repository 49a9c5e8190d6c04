// SPDX-License-Identifier: Apache-2.0
#include "frame_rate.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace media {
namespace {

FrameRate reduced(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t divisor = std::gcd(numerator, denominator);
  return {numerator / divisor, denominator / divisor};
}

// What is beyond has been misread, and a whole number of thousandths of it might not fit.
double plausible(double per_second) {
  constexpr double slowest = 0.001, fastest = 1e6;
  return per_second > slowest ? std::min(per_second, fastest) : slowest;  // also for NaN
}

// NTSC slowed the film and television rates, and no others, by 1000/1001.
std::optional<FrameRate> slowed_rate(double per_second) {
  const auto rate = static_cast<std::int64_t>(std::lround(per_second * 1.001));
  for (const std::int64_t known : {24, 30, 48, 60, 120, 240}) {
    if (rate == known) return FrameRate{known * 1000, 1001};
  }
  return std::nullopt;
}

std::optional<std::int64_t> positive(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

FrameRate FrameRate::of(double per_second) {
  per_second = plausible(per_second);
  const double whole = std::round(per_second);
  if (whole >= 1 && std::abs(per_second - whole) < 1e-9) {
    return {static_cast<std::int64_t>(whole), 1};
  }
  const auto slowed = slowed_rate(per_second);
  if (slowed && std::abs(slowed->per_second() - per_second) < 0.006) return *slowed;  // also 23.98
  return reduced(std::max<std::int64_t>(1, std::llround(per_second * 1000)), 1000);
}

FrameRate FrameRate::measured(double per_second, double tolerance) {
  per_second = plausible(per_second);
  const double whole = std::round(per_second);
  const double off_whole = std::abs(whole - per_second);
  const auto slowed = slowed_rate(per_second);
  const double off_slowed = slowed ? std::abs(slowed->per_second() - per_second) : off_whole;
  if (off_slowed < off_whole && off_slowed <= tolerance) return *slowed;
  return of(whole >= 1 && off_whole <= tolerance ? whole : per_second);
}

std::optional<FrameRate> FrameRate::parse(std::string_view fraction) {
  const auto slash = fraction.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto numerator = positive(fraction.substr(0, slash));
  const auto denominator = positive(fraction.substr(slash + 1));
  if (!numerator || !denominator) return std::nullopt;
  return reduced(*numerator, *denominator);
}

int FrameRate::frames_in(double seconds) const {
  return std::max(1, static_cast<int>(std::lround(seconds * per_second())));
}

int resampled_frames(int frames, const FrameRate& from, const FrameRate& to) {
  return to.frames_in(frames / from.per_second());
}

}  // namespace media
