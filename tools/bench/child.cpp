// SPDX-License-Identifier: Apache-2.0
#include "child.hpp"

namespace weft::bench {

std::optional<int> run_as_child(int, char**) {
  return std::nullopt;
}

}  // namespace weft::bench
