// SPDX-License-Identifier: Apache-2.0
#include "reports.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace media {
namespace {

constexpr std::size_t lines_kept = 4;

struct Symptom {
  std::string_view words;
  weft_status status;
  std::string_view remedy;
};
constexpr std::array symptoms = std::to_array<Symptom>({
    {"No space left on device", WEFT_TRANSIENT, "the disk is full: free some space, then retry"},
    {"Disk quota exceeded", WEFT_TRANSIENT,
     "the disk quota is used up: free some space, then retry"},
    {"Format not on whitelist", WEFT_BAD_INPUT,
     "the input is of a kind that is not taken here (text, a playlist, or the wrong medium)"},
    {"Cannot allocate memory", WEFT_EXHAUSTED, "not enough memory for a medium of this size"},
    {"Unknown encoder", WEFT_UNSUPPORTED, "this build of ffmpeg is too small: apt install ffmpeg"},
    {"No such filter", WEFT_UNSUPPORTED, "this build of ffmpeg is too small: apt install ffmpeg"},
});

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

int frames_of_progress(std::string_view line) {
  constexpr std::string_view key = "frame=";
  if (!line.starts_with(key)) return -1;
  line.remove_prefix(key.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  int frames = -1;
  std::from_chars(line.data(), line.data() + line.size(), frames);
  return std::max(frames, -1);
}

void LastWords::hear(std::string_view line) {
  if (line.empty()) return;
  lines_.emplace_back(line.substr(0, 300));
  if (lines_.size() > lines_kept) lines_.pop_front();
}

std::string LastWords::text(const NamedPaths& files) const {
  std::string text;
  for (const std::string& line : lines_) text += (text.empty() ? "" : "; ") + line;
  for (const auto& [name, path] : files) {
    replace_all(text, "file:" + path, "'" + name + "'");
    replace_all(text, path, "'" + name + "'");
  }
  return text;
}

weft::error explain_failure(const weft::exit_status& exit, const std::string& program,
                            const std::string& last_words) {
  const std::string said = last_words.empty() ? "it said nothing" : last_words;
  for (const Symptom& symptom : symptoms) {
    if (last_words.find(symptom.words) != std::string::npos) {
      return {symptom.status, std::string(symptom.remedy) + " (" + program + ": " + said + ")"};
    }
  }
  if (exit.signal() != 0) {
    return {WEFT_TRANSIENT, program + " was ended by signal " + std::to_string(exit.signal()) +
                                ", perhaps for lack of memory or disk: " + said};
  }
  return {WEFT_BAD_INPUT, program + " cannot work with this input: " + said};
}

}  // namespace media
