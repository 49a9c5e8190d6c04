// SPDX-License-Identifier: Apache-2.0
// multipart/form-data (RFC 7578), as much as an upload needs.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "net/http.hpp"

namespace weft::comfy_fake {

struct FormField {
  std::string file_name;  // "": a plain field
  std::string bytes;
};

// By name; absent when the headers do not say multipart or the body is not of that form.
std::optional<std::map<std::string, FormField>> parse_multipart(const net::Headers& headers,
                                                                const std::string& body);

}  // namespace weft::comfy_fake
