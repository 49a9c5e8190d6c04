// SPDX-License-Identifier: Apache-2.0
// What the server's answers mean. Pure.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>
#include <weft/plugin/values.hpp>

#include "workflow.hpp"

namespace comfyui {

// POST /prompt that was not (wholly) accepted: a class or model that this server lacks is
// `unsupported` (another server may have it), any other mistake `bad_input`.
weft::error refusal(std::uint32_t http_status, const nlohmann::json& body);

// Any other answer with a status that was not expected; nothing was bought by the request.
weft::error unexpected(std::uint32_t http_status, const std::string& request);

// How a history entry ended, if not well.
std::optional<weft::error> failure_of(const nlohmann::json& entry);

struct OutputFile {
  std::string name, subfolder, type;
};
struct NodeOutput {
  std::vector<OutputFile> files;
  std::vector<std::string> texts;
};
// Of one node: every object with a file name, under whatever key; strings under text and string.
// Files that vanish with the server's process only if nothing else is there or they are asked for.
NodeOutput output_of(const nlohmann::json& entry, const BoundOutput& bound);

// By the ending of a file's name; "": not known.
std::string media_type_of(std::string_view file_name);
// Are these first bytes what the media type says? True where it cannot be told.
bool looks_like(std::string_view media_type, std::string_view bytes);

// The place of an id among those that wait, from 1, in the order in which they will run; 0: not
// among them. The server lists them as its heap has them.
std::size_t position_in(const nlohmann::json& queue, std::string_view id);
bool is_running(const nlohmann::json& queue, std::string_view id);
// The client that ordered it; "": it is not in the queue, or nobody said.
std::string client_in(const nlohmann::json& queue, std::string_view id);

// Of GET /system_stats: on the graphics device where the most is in use; 0: there is none.
std::uint64_t gpu_bytes_in_use(const nlohmann::json& stats);

std::string percent_encoded(std::string_view text);

}  // namespace comfyui
