// SPDX-License-Identifier: Apache-2.0
// weft-scenario FILE...: carries out scenarios; ends with 1 when one goes otherwise than written.
#include <iostream>

#include "scenario.hpp"

int main(int argc, char** argv) {
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    std::string wrong;
    try {
      wrong = weft::testing::carry_out(weft::testing::read_scenario(argv[i]));
    } catch (const std::exception& error) {
      wrong = error.what();
    }
    if (wrong.empty()) continue;
    std::cerr << argv[i] << ": " << wrong << '\n';
    ++failed;
  }
  return failed == 0 ? 0 : 1;
}
