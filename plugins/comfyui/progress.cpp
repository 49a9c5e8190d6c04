// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <algorithm>

namespace comfyui {
namespace {

using nlohmann::json;

double number(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_number() ? found->get<double>() : 0;
}

std::string word(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string() ? found->get<std::string>() : "";
}

// Takes a number off the front.
std::optional<std::uint32_t> take_number(std::string_view& bytes) {
  if (bytes.size() < 4) return std::nullopt;
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(0, 4))
    number = number << 8 | static_cast<unsigned char>(byte);
  bytes.remove_prefix(4);
  return number;
}

// As many steps as anybody can count.
std::string whole(double steps) {
  return std::to_string(static_cast<std::int64_t>(std::clamp(steps, 0.0, 1e12)));
}

}  // namespace

std::optional<Frame> read_frame(std::string_view text) {
  json said = json::parse(text, nullptr, false);
  if (!said.is_object() || !said.contains("data") || !said["data"].is_object()) return std::nullopt;
  Frame frame{word(said, "type"), word(said["data"], "prompt_id"), std::move(said["data"])};
  if (frame.type.empty() || frame.prompt_id.empty()) return std::nullopt;
  return frame;
}

// A type, the length of a JSON object, the object, the picture; numbers are big-endian.
std::optional<PreviewFrame> read_preview(std::string_view binary) {
  constexpr std::uint32_t with_metadata = 4;
  const auto type = take_number(binary), length = take_number(binary);
  if (type != with_metadata || !length || *length > binary.size()) return std::nullopt;
  const json said = json::parse(binary.substr(0, *length), nullptr, false);
  if (!said.is_object()) return std::nullopt;
  PreviewFrame frame{word(said, "prompt_id"), word(said, "image_type"), binary.substr(*length)};
  if (frame.prompt_id.empty() || frame.media_type.empty()) return std::nullopt;
  return frame;
}

Progress::Progress(const json& graph) {
  for (const auto& [id, node] : graph.items()) classes_[id] = word(node, "class_type");
}

void Progress::hear(const Frame& frame) {
  has_begun_ = true;
  if (frame.type == "execution_cached" && frame.data.contains("nodes")) {
    for (const json& id : frame.data["nodes"])
      if (id.is_string()) cached_.insert(id.get<std::string>());
  } else if (frame.type == "progress_state" && frame.data.contains("nodes")) {
    hear_states(frame.data["nodes"]);
  } else if (frame.type == "execution_success" || frame.type == "execution_error" ||
             frame.type == "execution_interrupted") {
    has_ended_ = true;
  } else if (frame.type == "executing" && frame.data.value("node", json()).is_null()) {
    has_ended_ = true;
  }
}

// A full snapshot of the nodes that run or have run. Nodes that others expanded into are not the
// graph's, and count as nothing.
void Progress::hear_states(const json& nodes) {
  double done = 0;
  for (const auto& [id, node] : nodes.items()) {
    const auto known = classes_.find(id);
    if (known == classes_.end() || cached_.contains(id) || !node.is_object()) continue;
    const double value = number(node, "value"), max = number(node, "max");
    if (word(node, "state") != "running") {
      done += 1;
      continue;
    }
    done += max > 0 ? std::clamp(value / max, 0.0, 1.0) : 0;
    stage_ = known->second;
    if (max > 1) stage_ += " " + whole(value) + "/" + whole(max);
  }
  const auto to_run = std::max<std::size_t>(1, classes_.size() - cached_.size());
  fraction_ = std::clamp(done / static_cast<double>(to_run), fraction_, 0.999);
}

}  // namespace comfyui
