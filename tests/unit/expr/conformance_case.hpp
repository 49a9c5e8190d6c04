// SPDX-License-Identifier: Apache-2.0
// The cases of the CEL specification in tests/data/cel.
#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "expr/program.hpp"

namespace weft::test {

struct ConformanceCase {
  std::string file;
  std::string section;
  std::string name;
  std::string text;
  std::string container;
  bool check = true;
  std::vector<expr::Variable> variables;
  std::vector<std::pair<std::string, expr::Value>> bindings;
  std::optional<expr::Value> expected;  // nothing: an error is expected
  std::string where() const { return file + "/" + section; }
};

const std::vector<ConformanceCase>& conformance_cases();

// The sections ("file/section") that the README of the expression language says are not claimed.
std::set<std::string> unclaimed_sections();

enum class Outcome {
  right,    // the value, or an error where one is expected
  refused,  // an error where a value is expected
  wrong,    // another value, or a value where an error is expected
};
struct Verdict {
  Outcome outcome = Outcome::wrong;
  std::string detail;
};
Verdict judge(const ConformanceCase& one);

}  // namespace weft::test
