// SPDX-License-Identifier: Apache-2.0
// A value that a schema admits, to show what a request looks like.
#pragma once
#include "base/json.hpp"

namespace weft {

// A default, constant or example where the schema gives one, else the least value of its type; of
// an object every property. Rules between members (anyOf, …) are not looked at.
json::value sample_of(const json::value& schema);

}  // namespace weft
