// SPDX-License-Identifier: Apache-2.0
// What libFuzzer calls. Which target, says an option that libFuzzer itself passes over:
//
//   weft-fuzz --target=expression CORPUS [libFuzzer's options]
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string_view>

#include "target.hpp"

namespace {

const weft::fuzz::Target* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  constexpr std::string_view option = "--target=";
  for (int i = 1; i < *count; ++i) {
    const std::string_view argument = (*arguments)[i];
    if (!argument.starts_with(option)) continue;
    try {
      chosen = &weft::fuzz::find_target(argument.substr(option.size()));
    } catch (const std::exception& error) {
      std::fprintf(stderr, "weft-fuzz: %s\n", error.what());
      return 1;
    }
  }
  if (chosen) return 0;
  std::fprintf(stderr, "weft-fuzz: say --target=NAME, one of:");
  for (const auto& target : weft::fuzz::targets())
    std::fprintf(stderr, " %.*s", static_cast<int>(target.name.size()), target.name.data());
  std::fprintf(stderr, "\n");
  std::exit(2);
}

// An exception that leaves this function ends the process, which is what libFuzzer calls a crash.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  chosen->run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
