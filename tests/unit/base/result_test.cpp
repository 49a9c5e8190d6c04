// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include "catch.hpp"

using namespace weft;

TEST_CASE("a position is shown as far as it is known") {
  CHECK(SourcePosition{"shots.toml", 12, 5}.to_string() == "shots.toml:12:5");
  CHECK(SourcePosition{"shots.toml", 12, 0}.to_string() == "shots.toml:12");
  CHECK(SourcePosition{"shots.toml", 0, 0}.to_string() == "shots.toml");
}

TEST_CASE("a diagnostic says where, what, and on its next line what to do") {
  const Diagnostic mistake{{"a.toml", 2, 1}, "unknown key 'sed'", "did you mean 'seed'?", false};
  CHECK(mistake.to_string() == "a.toml:2:1: error: unknown key 'sed'\n    did you mean 'seed'?");
  const Diagnostic nowhere{{}, "never true", "", true};
  CHECK(nowhere.to_string() == "warning: never true");
}

TEST_CASE("an error about a text counts the mistakes, not the warnings, and shows them all") {
  const Error one =
      invalid("a.toml", {{{"a.toml", 1, 1}, "x", "", false}, {{"a.toml", 2, 1}, "y", "", true}});
  CHECK(one.to_string() == "1 mistake in a.toml\na.toml:1:1: error: x\na.toml:2:1: warning: y");
  const Error two =
      invalid("a.toml", {{{"a.toml", 1, 1}, "x", "", false}, {{"a.toml", 2, 1}, "y", "", false}});
  CHECK(two.message == "2 mistakes in a.toml");
}

TEST_CASE("context stands before the message and leaves the rest") {
  const Error error = not_found("no such run", "see 'weft runs'").in("resuming");
  CHECK(error.to_string() == "resuming: no such run\n    see 'weft runs'");
  CHECK(error.kind == ErrorKind::not_found);
}

TEST_CASE("each kind of error has its exit code") {
  CHECK(exit_code(invalid("x")) == 2);
  CHECK(exit_code(not_found("x")) == 3);
  CHECK(exit_code(conflict("x")) == 4);
  CHECK(exit_code(machine("x")) == 5);
  CHECK(exit_code(failed("x")) == 1);
  CHECK(exit_code(internal("x")) == 1);
}

TEST_CASE("asking an error for its value throws its text") {
  const result<int> none = failed("it did not work", "try again");
  CHECK_THROWS_WITH(none.value(), "it did not work\n    try again");
}
