// SPDX-License-Identifier: Apache-2.0
// Every public case of the CEL specification: claimed sections must be right, and no answer may
// ever be wrong.
#include <map>

#include "catch.hpp"
#include "conformance_case.hpp"

namespace weft::test {
namespace {

// All cases of one file of the specification.
void check_file(const std::string& file) {
  const auto unclaimed = unclaimed_sections();
  for (const ConformanceCase& one : conformance_cases()) {
    if (one.file != file) continue;
    const Verdict verdict = judge(one);
    INFO(one.where() << " " << one.name << ": " << one.text << "\n" << verdict.detail);
    if (unclaimed.contains(one.where()))
      CHECK(verdict.outcome != Outcome::wrong);
    else
      CHECK(verdict.outcome == Outcome::right);
  }
}

TEST_CASE("CEL basic: literals, variables and functions") {
  check_file("basic");
}
TEST_CASE("CEL bindings_ext: cel.bind") {
  check_file("bindings_ext");
}
TEST_CASE("CEL comparisons: equality and order of all kinds of values") {
  check_file("comparisons");
}
TEST_CASE("CEL conversions: between types, and type()") {
  check_file("conversions");
}
TEST_CASE("CEL fields: maps and their keys") {
  check_file("fields");
}
TEST_CASE("CEL fp_math: arithmetic of doubles") {
  check_file("fp_math");
}
TEST_CASE("CEL integer_math: arithmetic of ints and uints") {
  check_file("integer_math");
}
TEST_CASE("CEL lists: index, in, size, concatenation") {
  check_file("lists");
}
TEST_CASE("CEL logic: and, or, not, conditions") {
  check_file("logic");
}
TEST_CASE("CEL macros: all, exists, exists_one, filter, map") {
  check_file("macros");
}
TEST_CASE("CEL macros2: macros with two variables") {
  check_file("macros2");
}
TEST_CASE("CEL math_ext: the math extension") {
  check_file("math_ext");
}
TEST_CASE("CEL namespace: qualified names") {
  check_file("namespace");
}
TEST_CASE("CEL optionals: optional values") {
  check_file("optionals");
}
TEST_CASE("CEL parse: literals, nesting, repetition, selectors") {
  check_file("parse");
}
TEST_CASE("CEL plumbing: what goes in and out") {
  check_file("plumbing");
}
TEST_CASE("CEL string: strings and bytes") {
  check_file("string");
}
TEST_CASE("CEL string_ext: the string extension") {
  check_file("string_ext");
}
TEST_CASE("CEL timestamps: timestamps and durations") {
  check_file("timestamps");
}

TEST_CASE("every file of the CEL cases has a test case of its own") {
  const std::set<std::string> tested{"basic",     "bindings_ext", "comparisons",  "conversions",
                                     "fields",    "fp_math",      "integer_math", "lists",
                                     "logic",     "macros",       "macros2",      "math_ext",
                                     "namespace", "optionals",    "parse",        "plumbing",
                                     "string",    "string_ext",   "timestamps"};
  std::set<std::string> files;
  for (const ConformanceCase& one : conformance_cases()) files.insert(one.file);
  CHECK(files == tested);
  CHECK(conformance_cases().size() == 1291);
}

TEST_CASE("the README lists exactly those sections as not claimed in which a case is refused") {
  std::set<std::string> refused;
  for (const ConformanceCase& one : conformance_cases())
    if (judge(one).outcome != Outcome::right) refused.insert(one.where());
  CHECK(unclaimed_sections() == refused);
}

}  // namespace
}  // namespace weft::test
