// SPDX-License-Identifier: Apache-2.0
// The operation files that are compiled in.
#pragma once
#include <array>
#include <span>
#include <string_view>

namespace weft {

struct EmbeddedOperation {
  std::string_view file;  // "operations/image.generate.toml"
  std::string_view text;
};
std::span<const EmbeddedOperation> canonical_operations() noexcept;

}  // namespace weft
