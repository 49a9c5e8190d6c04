// SPDX-License-Identifier: Apache-2.0
// The shapes of the server's answers.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "multipart.hpp"
#include "net/http_server.hpp"

namespace weft::comfy_fake {

net::ServerResponse json_answer(const json::object& body, int status = 200);
// Success of /queue, /interrupt, /free and /history: no body.
net::ServerResponse empty_answer();
net::ServerResponse not_found();
// What an exception in a handler becomes.
net::ServerResponse trouble();

// An entry of the history as /api/jobs/{id} tells it.
json::object finished_job(std::string_view id, const json::object& entry);

std::string content_type_of(std::string_view file_name);
std::optional<std::string> query(const net::ServerRequest& request, std::string_view name);
bool is_true(const json::value& object, std::string_view name);
// Canonical: lower case with hyphens.
bool is_uuid(std::string_view text) noexcept;
std::string uuid_of(std::int64_t number);

}  // namespace weft::comfy_fake
