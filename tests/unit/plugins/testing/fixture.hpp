// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <weft/testing.hpp>

namespace testing_test {

using nlohmann::json;

inline const weft_entry& entry() {
  static const weft::testing::library opened(TESTING_PLUGIN);
  return opened.entry();
}

// An echo task with a behaviour.
inline weft::testing::task_spec echo(const json& behaviour, std::uint32_t attempt = 1) {
  return {.operation = "test.echo",
          .params = {{"text", "hello"}, {"behaviour", behaviour}},
          .attempt = attempt};
}

}  // namespace testing_test
