// SPDX-License-Identifier: Apache-2.0
// What kind of media bytes are: a line with the name of their file, then the bytes.
#include "artifact/media_type.hpp"

#include <algorithm>
#include <string>

#include "target.hpp"

namespace weft::fuzz {

void media_type(std::string_view input) {
  const std::size_t line = input.find('\n');
  const std::string_view name = input.substr(0, line);
  const auto head = std::as_bytes(std::span(line == input.npos ? input : input.substr(line + 1)));
  const std::string type = artifact::sniff_media_type(head, name);
  expect(std::ranges::count(type, '/') == 1, "a media type has two parts");
  expect(std::ranges::all_of(type, [](char c) { return c > ' ' && c < 0x7f; }),
         "a media type is plain text");
  expect(artifact::extension_of(type).starts_with('.'), "an extension begins with a dot");
  (void)artifact::extension_of(input);
}

}  // namespace weft::fuzz
