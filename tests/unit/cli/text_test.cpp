// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include "catch.hpp"

using namespace weft::cli;
using namespace std::chrono_literals;

TEST_CASE("a text is as wide as a terminal draws it, not as it has bytes") {
  CHECK(display_width("film") == 4);
  CHECK(display_width("Überblick") == 9);
  CHECK(display_width("映画") == 4);
  CHECK(display_width("🎬") == 2);
  CHECK(display_width("e\xcc\x81") == 1);  // e and a combining acute accent
  CHECK(display_width("\x1b[1;32mgreen\x1b[0m") == 5);
  CHECK(display_width("\xff\xfe") == 2);
}

TEST_CASE("a text that is too wide is cut between characters and says so") {
  CHECK(fit("keyframe", 8) == "keyframe");
  CHECK(fit("keyframe", 5) == "keyf…");
  CHECK(fit("映画の名前", 5) == "映画…");
  CHECK(fit("映画の名前", 4) == "映…");  // half a wide character cannot be drawn
  CHECK(fit("any", 0).empty());
}

TEST_CASE("padding counts columns") {
  CHECK(pad_right("映", 4) == "映  ");
  CHECK(pad_left("7%", 4) == "  7%");
  CHECK(pad_left("too long", 4) == "too long");
}

TEST_CASE("foreign text cannot move the cursor or break a line") {
  CHECK(one_line("  a\n\tb\x1b[2Jc ") == "a b [2Jc");
}

TEST_CASE("a word for the shell is quoted where it has to be") {
  CHECK(shell_word("film-1.mp4") == "film-1.mp4");
  CHECK(shell_word("my film.mp4") == "'my film.mp4'");
  CHECK(shell_word("it's; rm") == "'it'\\''s; rm'");
  CHECK(shell_word("-o") == "'-o'");
  CHECK(shell_word("") == "''");
}

TEST_CASE("spans are told as people say them") {
  CHECK(human_duration(0ms) == "0s");
  CHECK(human_duration(430ms) == "0.4s");
  CHECK(human_duration(9'950ms) == "9.9s");
  CHECK(human_duration(12'300ms) == "12s");
  CHECK(human_duration(125s) == "2m 5s");
  CHECK(human_duration(2min) == "2m");
  CHECK(human_duration(3h + 4min + 59s) == "3h 4m");
  CHECK(human_duration(53h) == "2d 5h");
  CHECK(human_duration(-5s) == "0s");
}

TEST_CASE("colour is used only when it is wanted") {
  CHECK(paint("x", Tone::good, false) == "x");
  CHECK(paint("x", Tone::good, true) == "\x1b[32mx\x1b[0m");
  CHECK(paint("", Tone::good, true).empty());
}
