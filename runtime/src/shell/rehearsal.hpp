// SPDX-License-Identifier: Apache-2.0
// What the services of a file would send, and what they make of answers that are handed in: the
// real plugins and their real host, but no network, no clock and no trace on the disk.
#pragma once
#include "model/document.hpp"
#include "shell/environment.hpp"

namespace weft::shell {

// All mistakes of the file come as one error, with their places in it.
result<std::vector<RehearsedJob>> rehearse(const Environment& environment,
                                           const Rehearsal& rehearsal);

// The same error, its diagnostics moved from the place of a whole configuration to that of the key
// which they begin with ('operations."a.b".submit.timeout: …', 'config /url is missing').
// `pointer` is where the configuration stands in the document.
Error place_mistakes(Error error, const Document& document, const std::string& pointer);

}  // namespace weft::shell
