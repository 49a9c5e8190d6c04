// SPDX-License-Identifier: Apache-2.0
#include "samples.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <variant>
#include <vector>

#include "table.hpp"

namespace http_plugin {
namespace {

using nlohmann::json;
using Step = std::variant<std::string, std::size_t>;
using Path = std::vector<Step>;

constexpr std::string_view root = "body";

std::string_view word_at(std::string_view text) {
  return text.substr(
      0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_word) - text.begin()));
}

// What follows `body` at the beginning of `text`, which is shortened by it: ".data[0].url". Empty:
// nothing does, or a function is called on it.
Path take_path(std::string_view& text) {
  Path path;
  for (;;) {
    if (text.starts_with('.')) {
      const std::string_view name = word_at(text.substr(1));
      text.remove_prefix(1 + name.size());
      if (name.empty() || text.starts_with('(')) return {};
      path.emplace_back(std::string(name));
    } else if (text.starts_with('[')) {
      std::size_t index = 0;
      const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), index);
      if (error != std::errc() || end == text.data() + text.size() || *end != ']' || index > 16)
        return {};
      text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
      path.emplace_back(index);
    } else {
      return path;
    }
  }
}

// The places in the answer's body that an expression reads. `alone`: it is such a place.
std::vector<Path> places_in(std::string_view text, bool& alone) {
  std::vector<Path> places;
  alone = false;
  const std::string_view whole = text;
  while (!text.empty()) {
    const auto at = text.find(root);
    if (at == std::string_view::npos) break;
    const bool begins = at == 0 || (!is_word(text[at - 1]) && text[at - 1] != '.');
    const bool first = text.size() == whole.size() && at == 0;
    text.remove_prefix(at + root.size());
    if (!begins) continue;
    if (Path path = take_path(text); !path.empty()) {
      alone = first && text.empty();
      places.push_back(std::move(path));
    }
  }
  return places;
}

// Nothing happens where something else stands in the way.
void put(json& body, const Path& path, const json& value) {
  json* at = &body;
  for (const Step& step : path) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (at->is_null()) *at = json::object();
      if (!at->is_object()) return;
      at = &(*at)[*name];
    } else {
      const std::size_t index = std::get<std::size_t>(step);
      if (at->is_null()) *at = json::array();
      if (!at->is_array()) return;
      while (at->size() <= index) at->push_back(nullptr);
      at = &(*at)[index];
    }
  }
  if (at->is_null()) *at = value;
}

void put_all(json& body, const std::string& expression, const json& value) {
  bool alone = false;
  for (const Path& path : places_in(expression, alone)) put(body, path, value);
}

std::string said(const json& table, const char* key) {
  return table.contains(key) && table[key].is_string() ? table[key].get<std::string>() : "";
}

void put_outputs(json& body, const json& operation) {
  for (const auto& [name, output] : operation.at("outputs").items()) {
    if (const std::string url = said(output, "url"); !url.empty()) {
      put_all(body, url, "https://files.example/" + name);
    } else if (const std::string text = said(output, "base64"); !text.empty()) {
      put_all(body, text, "QSBzYW1wbGU=");
    } else {
      put_all(body, said(output, "value"), "a sample");
    }
  }
}

void put_state(json& body, const json& poll) {
  const std::string state = said(poll, "state");
  const json& done = poll.at("states").at("done").at(0);
  bool alone = false;
  for (const Path& path : places_in(state, alone)) put(body, path, alone ? done : json(true));
}

// Whether a request of the poll goes to what the handle holds.
bool is_url(const json& poll, const std::string& handle) {
  return std::ranges::any_of(poll, [&](const json& request) {
    return request.is_object() && said(request, "url") == "job." + handle;
  });
}

// To a question about an order that is open.
json sample_beside(const json& beside) {
  json body = json::object();
  put_all(body, said(beside, "ours"), true);
  put_all(body, said(beside, "progress"), 0.5);
  return {{"body", std::move(body)}, {"beside", true}};
}

}  // namespace

json sample_answers(const json& operation, const std::string& base) {
  json answers = json::array();
  const auto add = [&](json body) {
    if (!body.is_null()) answers.push_back({{"body", std::move(body)}});
  };
  json outputs;
  put_outputs(outputs, operation);
  if (!operation.contains("poll")) {
    add(std::move(outputs));
    if (operation.contains("beside")) answers.push_back(sample_beside(operation.at("beside")));
    return answers;
  }
  const json& poll = operation.at("poll");
  json order, state;
  for (const auto& [name, where] : poll.at("handle").items())
    put_all(order, where.get<std::string>(),
            is_url(poll, name) ? base + "/sample-" + name : "sample-" + name);
  put_state(state, poll);
  if (!poll.contains("result")) {
    if (state.is_null()) {
      state = std::move(outputs);
    } else if (outputs.is_object()) {
      put_outputs(state, operation);
    }
    outputs = nullptr;
  }
  if (state.is_null()) state = json::object();
  add(std::move(order));
  add(std::move(state));
  add(std::move(outputs));
  return answers;
}

}  // namespace http_plugin
