// SPDX-License-Identifier: Apache-2.0
#include "error_text.hpp"

#include "catch.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli;
using weft::cli::test::ScratchFolder;

TEST_CASE("an error is told with what to do about it") {
  CHECK(error_text(not_found("no run '0192'", "weft runs lists them"), false) ==
        "error: no run '0192'\n    weft runs lists them\n");
}

TEST_CASE("a mistake in a file is shown with its line and a caret under the column") {
  const ScratchFolder folder;
  const std::string file =
      folder.write("shots.toml", "[tasks.a]\n\toperation = \"image.generat\"\n");
  const Error error = invalid("shots.toml", {Diagnostic{{file, 2, 14},
                                                        "unknown operation 'image.generat'",
                                                        "did you mean 'image.generate'?",
                                                        false}});
  CHECK(error_text(error, false) == "error: 1 mistake in shots.toml\n" + file +
                                        ":2:14: error: unknown operation 'image.generat'\n"
                                        "  2 |  operation = \"image.generat\"\n"
                                        "    |              ^\n"
                                        "    did you mean 'image.generate'?\n");
}

TEST_CASE("each of several mistakes is shown with its own line") {
  const ScratchFolder folder;
  const std::string a = folder.write("a.toml", "x = 1\ny = 2\n");
  const std::string b = folder.write("b.toml", "z = 3\n");
  const auto odd = [](const std::string& file, int line) {
    return Diagnostic{{file, line, 1}, "odd", {}, false};
  };
  const Error error = invalid("two files", {odd(a, 2), odd(b, 1), odd(a, 1)});
  CHECK(error_text(error, false) == "error: 3 mistakes in two files\n" + a +
                                        ":2:1: error: odd\n  2 | y = 2\n    | ^\n" + b +
                                        ":1:1: error: odd\n  1 | z = 3\n    | ^\n" + a +
                                        ":1:1: error: odd\n  1 | x = 1\n    | ^\n");
}

TEST_CASE("the caret stands under its character when wider ones come before it") {
  const ScratchFolder folder;
  const std::string file = folder.write("a.toml", "名 = x\n");
  // The column counts bytes, as positions of a text do.
  CHECK(diagnostic_text({{file, 1, 7}, "not a value", {}, false}, false) ==
        file + ":1:7: error: not a value\n  1 | 名 = x\n    |      ^\n");
}

TEST_CASE("a mistake whose file is gone is told without its line") {
  CHECK(diagnostic_text({{"/nowhere/a.toml", 3, 1}, "odd", {}, true}, false) ==
        "/nowhere/a.toml:3:1: warning: odd\n");
}

TEST_CASE("a position beyond the line shows the line alone") {
  const ScratchFolder folder;
  const std::string file = folder.write("a.toml", "x = 1\n");
  CHECK(diagnostic_text({{file, 1, 40}, "odd", {}, false}, false) ==
        file + ":1:40: error: odd\n  1 | x = 1\n");
}
