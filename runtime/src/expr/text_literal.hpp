// SPDX-License-Identifier: Apache-2.0
// What stands between the quotes of a CEL literal.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace weft::expr {

// UTF-8 of one code point; surrogates and what is above U+10FFFF have none, then nothing is added
// and false returned.
bool append_code_point(std::string& out, std::uint32_t code_point);

// The text with its escape sequences replaced. In a byte string \x and octal escapes are bytes and
// \u is not allowed; in a string all are code points. Nothing when an escape is wrong; then
// `wrong_at` is its offset.
std::optional<std::string> unescape(std::string_view text, bool octets, std::size_t& wrong_at);

}  // namespace weft::expr
