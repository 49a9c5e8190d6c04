// SPDX-License-Identifier: Apache-2.0
#include "multipart.hpp"

namespace weft::comfy_fake {
namespace {

// The value of `name="..."` in a header line.
std::string quoted(std::string_view line, std::string_view name) {
  const std::string key = std::string(name) + "=\"";
  for (auto at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
    if (at > 0 && line[at - 1] != ' ' && line[at - 1] != ';') continue;  // filename is no name
    const auto begin = at + key.size();
    return std::string(line.substr(begin, line.find('"', begin) - begin));
  }
  return {};
}

}  // namespace

std::optional<std::map<std::string, FormField>> parse_multipart(const net::Headers& headers,
                                                                const std::string& body) {
  const std::string* type = net::find_header(headers, "Content-Type");
  if (!type || !type->starts_with("multipart/form-data")) return std::nullopt;
  const auto at = type->find("boundary=");
  if (at == std::string::npos) return std::nullopt;
  std::string boundary = type->substr(at + 9);
  if (boundary.starts_with('"')) boundary = boundary.substr(1, boundary.size() - 2);
  const std::string mark = "--" + boundary;
  std::map<std::string, FormField> fields;
  auto begin = body.find(mark);
  while (begin != std::string::npos) {
    begin += mark.size();
    if (body.compare(begin, 2, "--") == 0) return fields;
    begin += 2;
    const auto head_end = body.find("\r\n\r\n", begin);
    const auto end = body.find("\r\n" + mark, begin);
    if (head_end == std::string::npos || end == std::string::npos) return std::nullopt;
    const std::string head = body.substr(begin, head_end - begin);
    fields[quoted(head, "name")] = {quoted(head, "filename"),
                                    body.substr(head_end + 4, end - head_end - 4)};
    begin = end + 2;
  }
  return std::nullopt;
}

}  // namespace weft::comfy_fake
