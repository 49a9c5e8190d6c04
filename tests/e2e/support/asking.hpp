// SPDX-License-Identifier: Apache-2.0
// One HTTP request of a test to a server of its own.
#pragma once
#include <optional>
#include <string>

namespace weft::testing {

// The body of the answer, whatever its status; a POST when there is something to send. Throws
// std::runtime_error when nobody answers.
std::string ask(const std::string& url, const std::optional<std::string>& post = {});

}  // namespace weft::testing
