// SPDX-License-Identifier: Apache-2.0
// The forms of a manifest and of the answer to describe, as JSON Schemas.
#pragma once
#include "model/schema.hpp"

namespace weft::plugin {

const Schema& manifest_schema();
const Schema& offer_schema();

}  // namespace weft::plugin
