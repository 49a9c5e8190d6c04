// SPDX-License-Identifier: Apache-2.0
#include "suggest.hpp"

#include <weft/plugin/suggest.hpp>

namespace comfyui {

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
  if (known.empty()) return "; there are none";
  if (const auto meant = weft::did_you_mean(word, known); !meant.empty())
    return "; did you mean '" + std::string(meant) + "'?";
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  return "; known are: " + all;
}

}  // namespace comfyui
