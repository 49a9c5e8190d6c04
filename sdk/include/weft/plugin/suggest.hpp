// SPDX-License-Identifier: Apache-2.0
// weft/plugin/suggest.hpp - "did you mean" for what people write into a plugin's own files.
#pragma once

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

namespace weft {

namespace detail {

// Levenshtein's distance.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
      corner = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row.back();
}

}  // namespace detail

// Which of `known`, a range of texts, was most likely meant; "" when none looks like `word`. As
// long as `known` lives.
template <class Known>
std::string_view did_you_mean(std::string_view word, const Known& known) {
  const std::size_t at_most = std::max<std::size_t>(1, (word.size() + 1) / 3);
  std::string_view nearest;
  std::size_t least = at_most + 1;
  for (const auto& candidate : known)
    if (const auto distance = detail::edit_distance(word, candidate); distance < least)
      least = distance, nearest = candidate;
  return nearest;
}

}  // namespace weft
