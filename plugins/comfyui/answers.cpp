// SPDX-License-Identifier: Apache-2.0
#include "answers.hpp"

#include <weft/http.h>
#include <algorithm>
#include <array>

namespace comfyui {
namespace {

using nlohmann::json;

bool is_lack(const std::string& type) {
  return type == "value_not_in_list" || type == "missing_node_type" || type == "invalid_prompt";
}

// The texts of node_errors; `lacks` is set if one says that the server does not have something.
std::string told_by_nodes(const json& node_errors, bool& lacks) {
  std::string text;
  if (!node_errors.is_object()) return text;
  for (const auto& [id, node] : node_errors.items())
    for (const json& error : node.value("errors", json::array())) {
      lacks = lacks || is_lack(error.value("type", ""));
      text += (text.empty() ? "" : "; ") + ("node " + id + " (" + node.value("class_type", "?")) +
              "): " + error.value("message", "") + " " + error.value("details", "");
    }
  return text.substr(0, 1000);
}

bool is_out_of_memory(const json& data) {
  const auto type = data.value("exception_type", ""), message = data.value("exception_message", "");
  return type.find("OutOfMemory") != std::string::npos ||
         message.find("ran out of memory") != std::string::npos;
}

void collect_files(const json& value, std::vector<OutputFile>& files) {
  if (value.is_array())
    for (const json& element : value) collect_files(element, files);
  if (value.is_object() && value.value("filename", json()).is_string())
    files.push_back({value["filename"].get<std::string>(), value.value("subfolder", ""),
                     value.value("type", "output")});
}

struct Kind {
  std::string_view ending, media_type, magic;
  std::size_t at = 0;  // of the magic
};
constexpr std::array kinds = std::to_array<Kind>({{".png", "image/png", "\x89PNG"},
                                                  {".jpg", "image/jpeg", "\xff\xd8\xff"},
                                                  {".jpeg", "image/jpeg", "\xff\xd8\xff"},
                                                  {".webp", "image/webp", "WEBP", 8},
                                                  {".gif", "image/gif", "GIF8"},
                                                  {".mp4", "video/mp4", "ftyp", 4},
                                                  {".mov", "video/quicktime", "ftyp", 4},
                                                  {".webm", "video/webm", "\x1a\x45\xdf\xa3"},
                                                  {".mkv", "video/x-matroska", "\x1a\x45\xdf\xa3"},
                                                  {".flac", "audio/flac", "fLaC"},
                                                  {".mp3", "audio/mpeg", ""},
                                                  {".wav", "audio/wav", "RIFF"},
                                                  {".opus", "audio/ogg", "OggS"},
                                                  {".txt", "text/plain", ""},
                                                  {".glb", "model/gltf-binary", "glTF"}});

}  // namespace

weft::error refusal(std::uint32_t http_status, const json& body) {
  const json error = body.is_object() ? body.value("error", json()) : json();
  bool lacks = error.is_object() && is_lack(error.value("type", ""));
  std::string told;
  if (body.is_object()) told = told_by_nodes(body.value("node_errors", json()), lacks);
  if (told.empty() && error.is_object())
    told = error.value("message", "") + " " + error.value("details", "");
  if (http_status == 400 || http_status == 200)
    return weft::error(lacks ? WEFT_UNSUPPORTED : WEFT_BAD_INPUT,
                       "ComfyUI refused the workflow: " + told)
        .with(body.is_object() ? body : json::object());
  if (http_status == 403)
    return {WEFT_AUTH, "HTTP 403: a proxy's host or origin check, or a missing header in config"};
  if (http_status == 413) return {WEFT_BAD_INPUT, "HTTP 413: larger than --max-upload-size"};
  // Another success than ComfyUI's is something in between: it may have passed the prompt on.
  const weft_status meaning = weft_http_outcome(http_status, 1);
  return {meaning == WEFT_OK ? WEFT_UNKNOWN : meaning,
          "HTTP " + std::to_string(http_status) + " from ComfyUI"};
}

weft::error unexpected(std::uint32_t http_status, const std::string& request) {
  if (http_status == 413) return {WEFT_BAD_INPUT, "HTTP 413: larger than --max-upload-size"};
  const weft_status meaning = weft_http_outcome(http_status, 0);
  return {meaning == WEFT_OK ? WEFT_BAD_OUTPUT : meaning,
          "HTTP " + std::to_string(http_status) + " for " + request};
}

std::optional<weft::error> failure_of(const json& entry) {
  const json status = entry.value("status", json());
  if (!status.is_object() || status.value("status_str", "success") != "error") return std::nullopt;
  json last = json::array({"", json::object()});
  const json messages = status.value("messages", json::array());
  for (const json& message : messages)
    if (message.is_array() && message.size() == 2 &&
        (message[0] == "execution_error" || message[0] == "execution_interrupted"))
      last = message;
  const json& data = last[1];
  if (last[0] == "execution_interrupted")
    return weft::error(WEFT_TRANSIENT, "interrupted at the server by somebody else");
  const bool memory = is_out_of_memory(data);
  return weft::error(WEFT_TRANSIENT, std::string(memory ? "out of memory" : "failed") +
                                         " in node " + data.value("node_id", "?") + " (" +
                                         data.value("node_type", "?") +
                                         "): " + data.value("exception_message", "").substr(0, 500))
      .with({{"reason", memory ? "oom" : "node_error"},
             {"exception_type", data.value("exception_type", "")}});
}

NodeOutput output_of(const json& entry, const BoundOutput& bound) {
  NodeOutput found;
  const json output = entry.value("outputs", json::object()).value(bound.node, json::object());
  for (const auto& [key, value] : output.items()) {
    collect_files(value, found.files);
    if ((key == "text" || key == "string") && value.is_array())
      for (const json& text : value)
        if (text.is_string()) found.texts.push_back(text.get<std::string>());
  }
  const auto is_temp = [](const OutputFile& file) { return file.type == "temp"; };
  if (!bound.takes_temp) std::erase_if(found.files, is_temp);
  return found;
}

std::string media_type_of(std::string_view file_name) {
  std::string lower(file_name);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const Kind& kind : kinds)
    if (lower.ends_with(kind.ending)) return std::string(kind.media_type);
  return "";
}

bool looks_like(std::string_view media_type, std::string_view bytes) {
  for (const Kind& kind : kinds)
    if (kind.media_type == media_type)
      return bytes.size() >= kind.at && bytes.substr(kind.at).starts_with(kind.magic);
  return true;
}

std::size_t position_in(const json& queue, std::string_view id) {
  std::vector<std::pair<double, std::string>> order;
  for (const json& item : queue.value("queue_pending", json::array()))
    order.emplace_back(item.at(0).get<double>(), item.at(1).get<std::string>());
  std::ranges::sort(order);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (order[i].second == id) return i + 1;
  return 0;
}

bool is_running(const json& queue, std::string_view id) {
  const json running = queue.value("queue_running", json::array());
  return std::ranges::any_of(running, [&](const json& item) { return item.at(1) == id; });
}

std::string client_in(const json& queue, std::string_view id) {
  for (const char* part : {"queue_running", "queue_pending"})
    for (const json& item : queue.value(part, json::array()))
      if (item.at(1) == id) return item.at(3).value("client_id", "");
  return "";
}

std::uint64_t gpu_bytes_in_use(const json& stats) {
  std::uint64_t most = 0;
  for (const json& device : stats.at("devices")) {
    if (device.value("type", "") == "cpu") continue;
    const auto total = device.value("vram_total", std::uint64_t{0}),
               left = device.value("vram_free", std::uint64_t{0});
    if (total > left) most = std::max(most, total - left);
  }
  return most;
}

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += "0123456789ABCDEF"[byte >> 4];
    encoded += "0123456789ABCDEF"[byte & 15];
  }
  return encoded;
}

}  // namespace comfyui
