// SPDX-License-Identifier: Apache-2.0
// What POST /prompt thinks of a prompt: which output nodes can run, and what is wrong with the
// rest. Pure.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "catalogue.hpp"
#include "disk.hpp"

namespace weft::comfy_fake {

struct CheckedPrompt {
  std::vector<std::string> outputs;  // output nodes that will run
  json::object node_errors;          // of others, which are dropped silently
};
// 400 with the server's error object, or 500 with a plain text when the server trips over it.
struct RefusedPrompt {
  int status = 400;
  json::object body{};
};

json::object error_object(std::string_view type, std::string_view message,
                          std::string_view details);

// `missing_type`: what the version calls an error about a class it does not have.
std::variant<CheckedPrompt, RefusedPrompt> check_prompt(const json::value& prompt,
                                                        const Catalogue& catalogue,
                                                        const Disk& disk,
                                                        std::string_view missing_type);

// [node, slot] of a link; null: the value is none.
const json::array* link_of(const json::value& value) noexcept;

}  // namespace weft::comfy_fake
