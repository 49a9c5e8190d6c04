// SPDX-License-Identifier: Apache-2.0
// How a definition is named that is kept under its name: "film", its newest version; "film@3".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace weft {

struct PipelineReference {
  std::string name;
  std::uint32_t number = 0;  // 0: the newest

  std::string to_string() const;
};
// Kind `invalid` when the text is none.
result<PipelineReference> parse_pipeline_reference(std::string_view text);
// Letters, digits, '_', '-' and '.', at most 100, the first of them a letter or digit.
bool is_pipeline_name(std::string_view text) noexcept;

}  // namespace weft
