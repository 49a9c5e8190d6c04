// SPDX-License-Identifier: Apache-2.0
// Asking the fake without a socket, for tests.
#pragma once
#include <string>

#include "comfyui_server.hpp"

namespace weft::comfy_fake {

// The classes of tests/data/comfyui/object_info.json.
Catalogue read_catalogue(const std::string& file);

// A request as a server sees it; `target` with its query, percent-decoded.
net::ServerRequest make_request(std::string method, const std::string& target,
                                std::string body = {}, net::Headers headers = {});

}  // namespace weft::comfy_fake
