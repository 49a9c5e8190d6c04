// SPDX-License-Identifier: Apache-2.0
// Parsing into memory of one's own choice, for values that are large and live as one.
#pragma once
#include "base/json.hpp"

namespace weft {

// As parse_json(); the value and all that is in it live in `storage`.
result<json::value> parse_json_into(json::storage_ptr storage, std::string_view text,
                                    std::string_view file);

}  // namespace weft
