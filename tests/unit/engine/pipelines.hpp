// SPDX-License-Identifier: Apache-2.0
// Definitions that several tests run.
#pragma once
#include <string>

namespace weft::engine::testing {

inline const std::string one = R"toml(
[tasks.a]
operation = "test.step"
)toml";

// `more` are further keys of the task.
inline std::string one_with(const std::string& more) {
  return one + more + "\n";
}

inline const std::string chain = R"toml(
[tasks.a]
operation = "test.step"
[tasks.b]
operation = "test.step"
params = { value = "${tasks.a.value + 1}" }
[tasks.c]
operation = "test.step"
params = { value = "${tasks.b.value + 1}" }
[outputs]
last = "${tasks.c.value}"
)toml";

// Four items, and one task that reads all of them.
inline const std::string fan = R"toml(
[tasks.item]
for_each = "[10, 20, 30, 40]"
operation = "test.step"
params = { value = "${item + index}" }
[tasks.sum]
operation = "test.step"
params = { value = "${tasks.item[0].value + size(tasks.item.map(i, i.value))}" }
)toml";

}  // namespace weft::engine::testing
