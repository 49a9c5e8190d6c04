// SPDX-License-Identifier: Apache-2.0
// An offer with its schemas compiled: turns what a definition asks into what a plugin gets. Pure.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/schema.hpp"
#include "plugin/manifest.hpp"

namespace weft::plugin {

// The two objects of a task (weft_task.params, .options).
struct Asked {
  json::object params;
  json::object options;
};

// Takes `options.<component>` out of the params of a definition; other components' options go.
Asked split_options(json::object params, std::string_view component);

class OfferTable {
 public:
  // Kind invalid when a schema is none.
  static result<OfferTable> compile(const Offer& offer);
  // Fills in defaults and checks both objects against the operation's schemas. Kind invalid, or
  // not_found for an operation that is not offered.
  result<Asked> check(std::string_view operation, Asked asked) const;

 private:
  struct Row {
    Schema params;
    Schema options;
    bool has_options = false;
  };
  std::map<std::string, Row, std::less<>> rows_;
};

}  // namespace weft::plugin
