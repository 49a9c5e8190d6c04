// SPDX-License-Identifier: Apache-2.0
// Answers that a described service might give: enough for a rehearsal to come to every request.
#pragma once
#include <string>
#include <weft/plugin/values.hpp>

namespace http_plugin {

// To the order, to a question about the job and to one for its result, as far as they are JSON:
// {"body": ...} each; with "beside": true, to a question about an order that stays open. What only
// an expression with functions finds is left out. `operation` is one of a good description, `base`
// its URL.
nlohmann::json sample_answers(const nlohmann::json& operation, const std::string& base);

}  // namespace http_plugin
