// SPDX-License-Identifier: Apache-2.0
// What the pages of this tree promise, held against its sources.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "tree.hpp"

namespace weft::tidy {

// The event types that these sources write: literals handed to write_event, write_run_event or
// assigned to event.type; and those of a run that a function returns.
std::set<std::string> event_types_written(const std::vector<SourceFile>& sources);

// The names in back quotes in the first column of the table whose heading is `column`.
std::set<std::string> first_column(const std::string& page, const std::string& column);

// The text of the first fenced block of a language; "" without one.
std::string first_block(const std::string& page, const std::string& language);

}  // namespace weft::tidy
