// SPDX-License-Identifier: Apache-2.0
// The texts that CEL reads and writes for numbers, moments and spans.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "expr/value.hpp"

namespace weft::expr {

// The range of a timestamp: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
constexpr std::int64_t first_unix_s = -62'135'596'800;
constexpr std::int64_t last_unix_s = 253'402'300'799;

// The shortest text that reads back to the same number; "NaN", "Infinity", "-Infinity".
std::string format_double(double number);
std::optional<double> parse_double(std::string_view text);

// RFC 3339 in UTC, with as many decimals of the second as there are: "2009-02-13T23:31:30.5Z".
std::string format_timestamp(const Instant& at);
// RFC 3339 with any offset. Nothing when it is malformed or out of range.
std::optional<Instant> parse_timestamp(std::string_view text);

// Seconds with as many decimals as there are: "3600s", "-0.001s".
std::string format_duration(Span span);
// As Go writes them: "1h30m", "1.5s", "-10ms"; units h, m, s, ms, us, ns. Nothing when malformed or
// out of range.
std::optional<Span> parse_duration_text(std::string_view text);

}  // namespace weft::expr
