// SPDX-License-Identifier: Apache-2.0
#include "nodes.hpp"

#include <array>

namespace weft::comfy_fake {
namespace {

using namespace std::string_view_literals;

// How one class of output nodes hands over: the key does not tell the kind.
struct Saver {
  std::string_view class_type, key, type, ending, magic;
  bool animated = false;
};
constexpr std::string_view png_magic = "\x89PNG\r\n\x1a\n", webp_magic = "RIFF\0\0\0\0WEBP"sv,
                           mp4_magic =
                               "\0\0\0\x18"
                               "ftypmp42"sv,
                           webm_magic = "\x1a\x45\xdf\xa3";
constexpr std::array savers = std::to_array<Saver>({
    {"SaveImage", "images", "output", ".png", png_magic},
    {"PreviewImage", "images", "temp", ".png", png_magic},
    {"SaveAnimatedWEBP", "images", "output", ".webp", webp_magic, true},
    {"SaveAnimatedPNG", "images", "output", ".png", png_magic, true},
    {"SaveWEBM", "images", "output", ".webm", webm_magic, true},
    {"SaveVideo", "images", "output", ".mp4", mp4_magic, true},
    {"SaveAudio", "audio", "output", ".flac", "fLaC"},
    {"SaveAudioMP3", "audio", "output", ".mp3", "ID3\x04"},
    {"SaveText", "files", "output", ".txt", ""},
    {"VHS_VideoCombine", "gifs", "output", ".mp4", mp4_magic},
    {"SaveGLB", "3d", "output", ".glb", "glTF"},
});

std::string text_input(const json::object& inputs, std::string_view name, std::string_view other) {
  const json::value* found = inputs.if_contains(name);
  return found && found->is_string() ? std::string(found->get_string()) : std::string(other);
}

// A text at the far end of links, as PreviewAny shows it.
std::string shown_text(const json::object& prompt, const json::value& value) {
  const json::array* link = link_of(value);
  if (!link) return value.is_string() ? std::string(value.get_string()) : canonical(value);
  const json::object& source = prompt.at((*link)[0].as_string()).at("inputs").as_object();
  for (const char* name : {"value", "string", "text"})
    if (const json::value* found = source.if_contains(name)) return shown_text(prompt, *found);
  return "text of node " + std::string((*link)[0].as_string());
}

}  // namespace

std::string small_picture(std::string_view what) {
  return std::string(png_magic) + std::string(what);
}

std::string signature_of(const json::object& prompt, const std::string& id) {
  const json::object& node = prompt.at(id).as_object();
  json::object whole{{"class", node.at("class_type")}};
  for (const auto& [name, value] : node.at("inputs").as_object()) {
    const json::array* link = link_of(value);
    whole[name] = link ? json::value(signature_of(prompt, std::string((*link)[0].as_string())) +
                                     "#" + canonical((*link)[1]))
                       : value;
  }
  return digest_of(whole).to_string();
}

json::object run_output_node(const json::object& prompt, const std::string& id, Disk& disk,
                             bool writes) {
  const json::object& node = prompt.at(id).as_object();
  const json::object& inputs = node.at("inputs").as_object();
  const std::string class_type(node.at("class_type").as_string());
  if (class_type == "PreviewAny")
    return {{"text", json::array{shown_text(prompt, inputs.at("source"))}}};
  for (const Saver& saver : savers) {
    if (saver.class_type != class_type) continue;
    const std::string prefix = text_input(inputs, "filename_prefix", "ComfyUI");
    const FileName file = disk.next_name(saver.type, prefix, saver.ending);
    if (writes) disk.write(file, std::string(saver.magic) + signature_of(prompt, id));
    const json::object named{
        {"filename", file.name}, {"subfolder", file.subfolder}, {"type", file.type}};
    json::object output{{saver.key, json::array{named}}};
    if (saver.animated) output["animated"] = json::array{true};
    if (class_type == "SaveText") output["text"] = json::array{text_input(inputs, "text", "")};
    if (class_type == "VHS_VideoCombine") {
      output["gifs"].at(0).as_object()["format"] = "video/h264-mp4";
      output["gifs"].at(0).as_object()["frame_rate"] = 16.0;
    }
    return output;
  }
  return {};
}

}  // namespace weft::comfy_fake
