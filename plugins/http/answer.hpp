// SPDX-License-Identifier: Apache-2.0
// What an answer means.
#pragma once
#include <optional>
#include <string>
#include <weft/plugin.hpp>

#include "description.hpp"

namespace http_plugin {

// Binds status, headers and body (null unless it is JSON).
void see(weft::expression_scope& scope, const weft::http_response& answer);

struct Verdict {
  weft::error error;
  bool free = false;
};
// The first rule that fits, of the operation and then of the service; else what the HTTP status
// says; nothing when it is well. `operation` may be null.
std::optional<Verdict> judge(const Description& all, const Operation* operation,
                             const weft::expression_scope& scope, const weft::http_response& answer,
                             bool buys);

// The service's own words, or the beginning of its answer.
std::string words_of(const Description& all, const weft::expression_scope& scope,
                     const weft::http_response& answer);

// Whether a media type (with parameters, perhaps) is one of "image/*", "video/mp4", "*/*".
bool fits_media_type(std::string_view said, const std::vector<std::string>& patterns);

// Whether the service no longer has, or never had, what was asked for.
bool is_missing(const Verdict& verdict, const weft::http_response& answer);

// Tells the job what an order that came to a bad end cost, as far as the service says.
void charge(weft::job& job, const Cost& cost, const weft::expression_scope& scope,
            const Verdict& verdict);

// Money of a formula; unknown when it has no value. A cost that cannot be reckoned fails nothing.
weft::cost reckon(const weft::expression_scope& scope, const weft::expression& formula,
                  const std::string& currency, bool billed);

}  // namespace http_plugin
