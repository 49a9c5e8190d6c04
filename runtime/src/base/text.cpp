// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <numeric>
#include <vector>

namespace weft {
namespace {

// Levenshtein distance with adjacent transposition counted as one slip (optimal string alignment);
// of words that are `limit` or farther from each other, any number from there on.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t longer = std::max(a.size(), b.size());
  if (longer - std::min(a.size(), b.size()) >= limit) return longer;
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
    // A transposition builds on the row before the last.
    if (*std::ranges::min_element(last) >= limit && *std::ranges::min_element(before) >= limit)
      return longer;
  }
  return last[b.size()];
}

// Length of the UTF-8 character that starts at `at`, 0 if none does.
std::size_t character_length(std::string_view text, std::size_t at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return 0;
  const auto second = length > 1 ? static_cast<unsigned char>(text[at + 1]) : 0;
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_large = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

struct SizeUnit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::array<SizeUnit, 4> size_units{
    {{"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"", 1}}};

}  // namespace

std::string nearest(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t best_distance = word.size() / 3 + 2;  // farther than this is another word, not a slip
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, best_distance);
    if (distance < best_distance && distance < candidate.size())
      best = candidate, best_distance = distance;
  }
  return best;
}

std::string suggest(std::string_view word, std::span<const std::string> candidates) {
  if (candidates.empty()) return {};
  if (const std::string near = nearest(word, candidates); !near.empty())
    return "did you mean '" + near + "'?";
  constexpr std::size_t shown = 8;
  std::string text = "known: ";
  for (std::size_t i = 0; i < std::min(shown, candidates.size()); ++i)
    text += (i ? ", " : "") + candidates[i];
  return candidates.size() > shown ? text + ", …" : text;
}

std::string excerpt(std::string_view text, std::size_t bytes_at_most) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = character_length(text, at);
    if (at + std::max<std::size_t>(length, 1) > bytes_at_most) return out + "…";
    const auto lead = static_cast<unsigned char>(text[at]);
    const bool control = (lead < 0x20 && lead != '\n' && lead != '\t') || lead == 0x7f;
    if (length == 0 || control)
      out += "�";
    else
      out += text.substr(at, length);
    at += std::max<std::size_t>(length, 1);
  }
  return out;
}

bool is_utf8(std::string_view bytes) noexcept {
  for (std::size_t at = 0; at < bytes.size();) {
    if (static_cast<unsigned char>(bytes[at]) < 0x80) {  // nearly all are
      ++at;
      continue;
    }
    const std::size_t length = character_length(bytes, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t amount = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, amount);
  const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
  if (parsed.ec == std::errc{})
    for (const SizeUnit& candidate : size_units)
      if (candidate.name == unit &&
          amount <= std::numeric_limits<std::int64_t>::max() / candidate.bytes)
        return amount * candidate.bytes;
  return invalid("'" + std::string(text) + "' is not a size",
                 "write a number of bytes, or one with KiB, MiB or GiB");
}

std::string size_to_string(std::uint64_t bytes) {
  for (const SizeUnit& unit : size_units) {
    if (bytes < unit.bytes || unit.bytes == 1) continue;
    std::array<char, 32> text{};
    const double amount = static_cast<double>(bytes) / static_cast<double>(unit.bytes);
    const int size =
        std::snprintf(text.data(), text.size(), bytes % unit.bytes == 0 ? "%.0f" : "%.1f", amount);
    return std::string(text.data(), static_cast<std::size_t>(size)) + " " + std::string(unit.name);
  }
  return std::to_string(bytes) + " B";
}

}  // namespace weft
