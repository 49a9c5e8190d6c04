// SPDX-License-Identifier: Apache-2.0
// The http plugin on a fake host whose expressions are the runtime's own.
#pragma once
#include <string>
#include <vector>
#include <weft/testing.hpp>

#include "expression_service.hpp"

namespace http_test {

using nlohmann::json;
using weft::testing::fake_host;
using weft::testing::http_answer;
using weft::testing::http_call;

const weft_entry& entry();
// The names of the files in configs/cloud.
std::vector<std::string> shipped_files();
// The one service of a file in configs/cloud; its `config` alone.
json shipped_service(const std::string& file);
json shipped(const std::string& file);
// Sets every secret that the service lists.
void set_secrets(fake_host& host, const json& service, const std::string& value);
// A file in tests/data/cloud.
json cloud_data(const std::string& file);
// A task with every param of its schema and every input, made up.
weft::testing::task_spec sample_task(fake_host& host, const json& config,
                                     const std::string& operation);

}  // namespace http_test
