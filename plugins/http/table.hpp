// SPDX-License-Identifier: Apache-2.0
// A table of a description, read key by key: what nobody asked for is a mistake.
#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>
#include <weft/plugin/values.hpp>

namespace http_plugin {

using nlohmann::json;

// Reads throw WEFT_BAD_INPUT with the path of the key and what to do.
class Table {
 public:
  Table(const json& value, std::string path);

  // Null when there is none.
  const json* find(std::string_view key);
  const json& need(std::string_view key);
  std::string text(std::string_view key, std::string_view otherwise);
  std::string need_text(std::string_view key);
  bool flag(std::string_view key, bool otherwise);
  double number(std::string_view key, double otherwise);
  // "500ms", "2s", "10m", "1h", "7d" in milliseconds.
  std::int64_t duration_ms(std::string_view key, std::int64_t otherwise);
  // A duration that a timer takes: more than nothing, at most 20 days.
  std::uint32_t timer_ms(std::string_view key, std::uint32_t otherwise);
  // "16MiB" in bytes.
  std::uint64_t size_bytes(std::string_view key, std::uint64_t otherwise);

  // Absent: none.
  std::vector<std::string> texts(std::string_view key);

  // Every key that was not asked for is an error; call it last.
  void finish() const;
  std::string path_of(std::string_view key) const;
  [[noreturn]] void fail(std::string_view key, const std::string& what) const;

 private:
  const json& value_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

// Whether it may stand in the name of a variable or member of an expression.
bool is_word(char c) noexcept;

// "; did you mean 'x'?" when one of them is near, else "".
std::string did_you_mean(std::string_view word, const std::set<std::string, std::less<>>& known);

}  // namespace http_plugin
