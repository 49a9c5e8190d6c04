// SPDX-License-Identifier: Apache-2.0
// Small helpers for texts that people read.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace weft {

// The candidate nearest to `word` by edit distance if it is near enough to be a slip of the pen,
// else "".
std::string nearest(std::string_view word, std::span<const std::string> candidates);
// "did you mean 'image.generate'?" when one is near; else "known: a, b, c" (at most eight); ""
// without candidates.
std::string suggest(std::string_view word, std::span<const std::string> candidates);

// The first `bytes_at_most` bytes without cutting a UTF-8 character, "…" added if anything was left
// out, and every control character but newline and tab replaced, so that foreign text is safe on a
// terminal.
std::string excerpt(std::string_view text, std::size_t bytes_at_most = 200);
bool is_utf8(std::string_view bytes) noexcept;

// "512", "16KiB", "16MiB", "2GiB": a number of bytes.
result<std::uint64_t> parse_size(std::string_view text);
std::string size_to_string(std::uint64_t bytes);

}  // namespace weft
