// SPDX-License-Identifier: Apache-2.0
// JSON as the runtime holds it (Boost.JSON), and the one canonical text of a value.
#pragma once
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "base/result.hpp"

namespace weft {

namespace json = boost::json;

// Parses one value. Numbers without fraction and exponent are int64, others the nearest double; one
// that does not fit is an error, and so are trailing text and text that is not UTF-8. The error's
// diagnostic carries line and column in `file`.
result<json::value> parse_json(std::string_view text, std::string_view file = {});

// Keys in byte order, no white space, numbers as RFC 8785 writes them, but a whole double with ".0"
// (3 is another value) and NaN as null: equal values have equal texts, and read back as the same.
std::string canonical(const json::value& value);
Digest digest_of(const json::value& value);

// The line and column of a byte offset in a text.
SourcePosition position_at(std::string_view text, std::size_t offset, std::string_view file);

// A member of an object, or null when `value` is no object or has no such member.
const json::value* find_member(const json::value& value, std::string_view name) noexcept;

}  // namespace weft
