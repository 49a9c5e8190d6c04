// SPDX-License-Identifier: Apache-2.0
// What a plugin says at the end of a job or call, as the runtime's values. Pure.
#pragma once
#include <weft/abi.h>

#include <string>
#include <string_view>

#include "plugin/job.hpp"

namespace weft::plugin {

// Foreign text fit for events and logs: valid UTF-8, no control characters, not endless.
std::string clean(std::string_view text);

// `outputs` are the plain ones. A result that breaks its form is an `internal` end that says so.
// `result` may be null, or shorter than ours.
JobOutcome outcome_of(const weft_result* result);

}  // namespace weft::plugin
