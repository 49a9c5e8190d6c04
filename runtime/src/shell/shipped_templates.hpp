// SPDX-License-Identifier: Apache-2.0
// The templates of configs/templates, which are compiled in.
#pragma once
#include <array>
#include <span>
#include <string_view>

namespace weft::shell {

struct ShippedTemplate {
  std::string_view name;
  std::string_view text;
};
std::span<const ShippedTemplate> shipped_templates() noexcept;

}  // namespace weft::shell
