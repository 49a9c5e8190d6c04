// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include "catch.hpp"

using namespace weft::cli;

namespace {

Table sample() {
  Table table({{"RUN"}, {"PIPELINE", false, true}, {"DONE", true}, {"NOTE"}});
  table.add({{"0192f0c1-abcd"}, {"three_shot_film"}, {"3/12"}, {}});
  table.add({{"0192f0c1-abce"}, {"映画"}, {"12/12"}, {}});
  return table;
}

}  // namespace

TEST_CASE("columns stand below each other, numbers at the right") {
  CHECK(sample().to_string(0, false) ==
        "RUN            PIPELINE          DONE\n"
        "0192f0c1-abcd  three_shot_film   3/12\n"
        "0192f0c1-abce  映画             12/12\n");
}

TEST_CASE("a narrow terminal cuts names and never ids") {
  CHECK(sample().to_string(32, false) ==
        "RUN            PIPELINE     DONE\n"
        "0192f0c1-abcd  three_sho…   3/12\n"
        "0192f0c1-abce  映画        12/12\n");
  CHECK(sample().to_string(5, false).find("0192f0c1-abcd") != std::string::npos);
}

TEST_CASE("a column without any text is left out") {
  CHECK(sample().to_string(0, false).find("NOTE") == std::string::npos);
}

TEST_CASE("colour does not move columns") {
  Table table({{"A"}, {"B"}});
  table.add({{"x", Tone::bad}, {"1"}});
  CHECK(table.to_string(0, true, 1) == " \x1b[2mA\x1b[0m  \x1b[2mB\x1b[0m\n \x1b[31mx\x1b[0m  1\n");
}
