// SPDX-License-Identifier: Apache-2.0
#include "model/records.hpp"

#include <array>

namespace weft {

std::string_view to_string(CommandKind kind) noexcept {
  constexpr std::array<std::string_view, 6> words{"pause", "resume", "cancel",
                                                  "retry", "skip",   "settle"};
  return words[static_cast<std::size_t>(kind)];
}

}  // namespace weft
