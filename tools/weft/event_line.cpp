// SPDX-License-Identifier: Apache-2.0
#include "event_line.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "json_views.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

json::object data_of(const EventView& event) {
  const json::value data = parsed(event.data_json);
  return data.is_object() ? data.get_object() : json::object{};
}

std::string plain_value(const json::value& value) {
  if (value.is_structured()) return json::serialize(value);  // without spaces
  if (!value.is_string()) return readable(value);
  const std::string_view text = value.get_string();
  const bool simple = !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == 0x7f;
  });
  return simple ? std::string(text) : json::serialize(value);
}

// "task.succeeded" is "succeeded" to people.
std::string_view last_word(std::string_view type) {
  const std::size_t dot = type.rfind('.');
  return dot == type.npos ? type : type.substr(dot + 1);
}

std::string friendly_details(const json::object& data) {
  std::string details;
  for (const auto& [key, value] : data) {
    if (value.is_structured()) continue;  // outputs: the report at the end shows them better
    if (!details.empty()) details += ", ";
    if (key != "message" && key != "reason") details += std::string(key) + " ";
    details += value.is_string() ? one_line(value.get_string()) : readable(value);
  }
  return details.empty() ? details : ": " + details;
}

}  // namespace

std::string plain_event_line(const EventView& event) {
  std::string line =
      weft::to_string(event.at) + " " + event.type + " " + (event.task.empty() ? "-" : event.task);
  for (const auto& [key, value] : data_of(event))
    line += " " + std::string(key) + "=" + plain_value(value);
  return line;
}

std::string friendly_event_line(const EventView& event, bool color) {
  const std::string_view word = last_word(event.type);
  return paint(clock_time(event.at), Tone::faint, color) + " " +
         (event.task.empty() ? std::string("run") : one_line(event.task)) + " " +
         paint(word, tone_of(word), color) + friendly_details(data_of(event));
}

}  // namespace weft::cli
