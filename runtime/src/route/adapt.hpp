// SPDX-License-Identifier: Apache-2.0
// From the params of a task to those that a service takes, where it takes fewer or others. By plain
// rules, each a loss that is told, and only for params that the definition gives free:
//
//   it does not know the param               it is left out
//   a number outside its bounds or steps,    the nearest one that it takes; of two that are as near
//   or not in its list                       the larger
//   anything else, such as a word            left out, if it need not be given
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "model/schema.hpp"

namespace weft::route {

struct Loss {
  std::string param;
  json::value asked;
  std::optional<json::value> given;  // none: left out
};

struct Adapted {
  json::object params;
  std::vector<Loss> losses;  // none: the service takes them as they are
};

// None: it does not take them, even so. `free`: names of params that may change.
std::optional<Adapted> adapt(const Schema& service, const json::object& params,
                             std::span<const std::string> free);
// "seconds 8 becomes 10, negative_prompt left out"; for people.
std::string text_of(const std::vector<Loss>& losses);

}  // namespace weft::route
