// SPDX-License-Identifier: Apache-2.0
// How far a prompt is, by the frames about it. Pure.
#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace comfyui {

// One text frame that is about a prompt.
struct Frame {
  std::string type, prompt_id;
  nlohmann::json data;
};
// Nothing for every other frame: the state of the queue, other features, what is no JSON.
std::optional<Frame> read_frame(std::string_view text);

// A picture of what is being made, with the prompt that it is of.
struct PreviewFrame {
  std::string prompt_id, media_type;
  std::string_view bytes;  // of what was read
};
// Nothing for every other binary frame, such as a picture that does not say of which prompt.
std::optional<PreviewFrame> read_preview(std::string_view binary);

class Progress {
 public:
  explicit Progress(const nlohmann::json& graph);

  void hear(const Frame& frame);

  bool has_begun() const noexcept { return has_begun_; }
  // The server has told the end, a moment before (or after) it writes it into the history.
  bool has_ended() const noexcept { return has_ended_; }
  // Of the nodes that are to run, those from the cache not counted; never less than before, and 1
  // only at the end.
  double fraction() const noexcept { return fraction_; }
  const std::string& stage() const noexcept { return stage_; }  // "KSampler 7/20"

 private:
  void hear_states(const nlohmann::json& nodes);

  std::map<std::string, std::string> classes_;  // of the graph's nodes
  std::set<std::string> cached_;
  bool has_begun_ = false, has_ended_ = false;
  double fraction_ = 0;
  std::string stage_ = "running";
};

}  // namespace comfyui
