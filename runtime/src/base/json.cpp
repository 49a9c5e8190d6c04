// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <algorithm>
#include <boost/json/parse_options.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <limits>
#include <optional>
#include <vector>

#include "base/text.hpp"

namespace weft {
namespace {

constexpr std::size_t depth_at_most = 64;

void write(const json::value& value, std::string& out);

void write_object(const json::object& object, std::string& out) {
  std::vector<const json::key_value_pair*> members;
  members.reserve(object.size());
  for (const json::key_value_pair& member : object) members.push_back(&member);
  std::sort(members.begin(), members.end(),
            [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (const auto* member : members) {
    if (member != members.front()) out += ',';
    out += json::serialize(member->key());
    out += ':';
    write(member->value(), out);
  }
  out += '}';
}

void write(const json::value& value, std::string& out) {
  if (const auto* object = value.if_object()) {
    write_object(*object, out);
  } else if (const auto* array = value.if_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i) out += ',';
      write((*array)[i], out);
    }
    out += ']';
  } else {
    out += json::serialize(value);
  }
}

// Boost.JSON makes integers above int64 unsigned; the runtime's integers are int64, and cutting one
// would change what a person wrote without a word.
std::optional<std::string> find_surprise(const json::value& value) {
  if (value.is_uint64() &&
      value.get_uint64() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return "the number " + std::to_string(value.get_uint64()) + " does not fit into 64 signed bits";
  if (const auto* array = value.if_array()) {
    for (const json::value& element : *array)
      if (auto surprise = find_surprise(element)) return surprise;
  } else if (const auto* object = value.if_object()) {
    for (const json::key_value_pair& member : *object)
      if (auto surprise = find_surprise(member.value())) return surprise;
  }
  return std::nullopt;
}

}  // namespace

SourcePosition position_at(std::string_view text, std::size_t offset, std::string_view file) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  const std::size_t column = newline == before.npos ? before.size() : before.size() - newline - 1;
  return {std::string(file), static_cast<int>(lines) + 1, static_cast<int>(column) + 1};
}

result<json::value> parse_json(std::string_view text, std::string_view file) {
  json::parse_options options;
  options.max_depth = depth_at_most;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const std::size_t used = parser.write_some(text.data(), text.size(), error);
  if (!error && used == text.size()) parser.finish(error);
  const auto fail = [&](std::size_t offset, std::string message) {
    return invalid(file.empty() ? "JSON" : std::string(file),
                   {Diagnostic{position_at(text, offset, file), std::move(message), {}, false}});
  };
  if (error) return fail(used, "not valid JSON: " + error.message());
  if (used != text.size()) return fail(used, "not valid JSON: more text after the value");
  if (!is_utf8(text)) return fail(0, "the text is not UTF-8");
  json::value value = parser.release();
  if (auto surprise = find_surprise(value)) return fail(0, *surprise);
  return value;
}

std::string canonical(const json::value& value) {
  std::string text;
  write(value, text);
  return text;
}

Digest digest_of(const json::value& value) {
  return digest_of(std::string_view(canonical(value)));
}

const json::value* find_member(const json::value& value, std::string_view name) noexcept {
  const json::object* object = value.if_object();
  return object ? object->if_contains(name) : nullptr;
}

}  // namespace weft
