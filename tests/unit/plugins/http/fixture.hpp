// SPDX-License-Identifier: Apache-2.0
// The http plugin on a fake host whose expressions are the runtime's own.
#pragma once
#include <string>
#include <vector>
#include <weft/testing.hpp>

namespace http_test {

using nlohmann::json;
using weft::testing::fake_host;
using weft::testing::http_answer;
using weft::testing::http_call;

const weft_entry& entry();
// A host that offers weft.expression-draft/1.
void offer_expressions(fake_host& host);
// The names of the files in configs/cloud.
std::vector<std::string> shipped_files();
// The one service's `config` of a file in configs/cloud.
json shipped(const std::string& file);

}  // namespace http_test
