// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>

#include "target.hpp"

namespace weft::fuzz {
namespace {

constexpr std::array<Target, 17> all{{{"definition_toml", definition_toml},
                                      {"definition_json", definition_json},
                                      {"config", config},
                                      {"schema", schema},
                                      {"json_text", json_text},
                                      {"units", units},
                                      {"expression", expression},
                                      {"arithmetic", arithmetic},
                                      {"text_template", text_template},
                                      {"manifest", manifest},
                                      {"elf", elf},
                                      {"url", url},
                                      {"http_session", http_session},
                                      {"service_answer", service_answer},
                                      {"media_type", media_type},
                                      {"media_reports", media_reports},
                                      {"stored_row", stored_row}}};

}  // namespace

std::span<const Target> targets() noexcept {
  return all;
}

const Target& find_target(std::string_view name) {
  const auto found = std::ranges::find(all, name, &Target::name);
  if (found == all.end()) throw std::invalid_argument("no target '" + std::string(name) + "'");
  return *found;
}

}  // namespace weft::fuzz
