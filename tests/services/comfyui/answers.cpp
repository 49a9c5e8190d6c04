// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace weft::comfy_fake {

net::ServerResponse json_answer(const json::object& body, int status) {
  return {status, {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(body)};
}

net::ServerResponse empty_answer() {
  return {200, {{"Content-Type", "application/octet-stream"}}, ""};
}

net::ServerResponse not_found() {
  return {404, {{"Content-Type", "text/plain; charset=utf-8"}}, "404: Not Found"};
}

net::ServerResponse trouble() {
  return {500,
          {{"Content-Type", "text/plain; charset=utf-8"}},
          "500 Internal Server Error\n\nServer got itself in trouble"};
}

json::object finished_job(std::string_view id, const json::object& entry) {
  const json::array& messages = entry.at("status").at("messages").as_array();
  const json::array& last = messages.back().as_array();
  const json::array& item = entry.at("prompt").as_array();
  const bool interrupted = last[0] == json::value("execution_interrupted");
  const bool good = entry.at("status").at("status_str") == json::value("success");
  json::object said{{"id", id},
                    {"status", good          ? "completed"
                               : interrupted ? "cancelled"
                                             : "failed"},
                    {"priority", item[0]},
                    {"execution_start_time", messages.front().as_array()[1].at("timestamp")},
                    {"execution_end_time", last[1].at("timestamp")},
                    {"outputs", entry.at("outputs")},
                    {"execution_status", entry.at("status")},
                    {"workflow", {{"prompt", item[2]}, {"extra_data", item[3]}}}};
  if (!good) said["execution_error"] = last[1];
  std::int64_t count = 0;
  for (const auto& [node, output] : entry.at("outputs").as_object())
    for (const auto& [key, list] : output.as_object())
      if (list.is_array() && key != "text" && key != "animated")
        count += static_cast<std::int64_t>(list.get_array().size());
  said["outputs_count"] = count;
  return said;
}

std::string content_type_of(std::string_view file_name) {
  struct Known {
    std::string_view ending, type;
  };
  static constexpr std::array known = std::to_array<Known>({{".png", "image/png"},
                                                            {".webp", "image/webp"},
                                                            {".jpg", "image/jpeg"},
                                                            {".gif", "image/gif"},
                                                            {".mp4", "video/mp4"},
                                                            {".webm", "video/webm"},
                                                            {".flac", "audio/flac"},
                                                            {".mp3", "audio/mpeg"},
                                                            {".txt", "text/plain"}});
  const auto found = std::ranges::find_if(
      known, [&](const Known& type) { return file_name.ends_with(type.ending); });
  return std::string(found == known.end() ? "application/octet-stream" : found->type);
}

std::optional<std::string> query(const net::ServerRequest& request, std::string_view name) {
  for (const auto& [has, value] : request.query)
    if (has == name) return value;
  return std::nullopt;
}

bool is_true(const json::value& object, std::string_view name) {
  const json::value* found = find_member(object, name);
  return found && found->is_bool() && found->get_bool();
}

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool is_digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (is_hyphen ? text[i] != '-' : !is_digit) return false;
  }
  return true;
}

std::string uuid_of(std::int64_t number) {
  std::string digits = std::to_string(number);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

}  // namespace weft::comfy_fake
