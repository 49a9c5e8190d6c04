// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <weft/result.hpp>

#include <string>

namespace weft::cli {

// The first line of standard input, without its end. From a terminal it is read after `prompt`
// (on standard error) and not echoed.
result<std::string> read_secret_line(const std::string& prompt);

}  // namespace weft::cli
