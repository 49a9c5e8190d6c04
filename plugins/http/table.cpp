// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <weft/plugin/suggest.hpp>

namespace http_plugin {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// A whole number and a unit; nothing if it is neither.
template <std::size_t Count>
std::uint64_t measured(const std::string& text, const Unit (&units)[Count], bool& good) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto* found =
      std::ranges::find_if(units, [&](const Unit& known) { return known.name == unit; });
  good = error == std::errc() && found != std::end(units) &&
         number <= std::numeric_limits<std::int64_t>::max() / found->factor;
  return good ? number * found->factor : 0;
}

}  // namespace

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string did_you_mean(std::string_view word, const std::set<std::string, std::less<>>& known) {
  const std::string_view meant = weft::did_you_mean(word, known);
  return meant.empty() ? "" : "; did you mean '" + std::string(meant) + "'?";
}

Table::Table(const json& value, std::string path) : value_(value), path_(std::move(path)) {
  if (!value_.is_object()) throw weft::error(WEFT_BAD_INPUT, path_ + " must be a table");
}

std::string Table::path_of(std::string_view key) const {
  const std::string name =
      key.find('.') == std::string_view::npos ? std::string(key) : '"' + std::string(key) + '"';
  return path_.empty() ? name : path_ + "." + name;
}

void Table::fail(std::string_view key, const std::string& what) const {
  throw weft::error(WEFT_BAD_INPUT, path_of(key) + ": " + what);
}

const json* Table::find(std::string_view key) {
  known_.emplace(key);
  const auto found = value_.find(std::string(key));
  return found == value_.end() ? nullptr : &*found;
}

const json& Table::need(std::string_view key) {
  if (const json* found = find(key)) return *found;
  fail(key, "is missing");
}

std::string Table::text(std::string_view key, std::string_view otherwise) {
  const json* found = find(key);
  if (!found) return std::string(otherwise);
  if (!found->is_string()) fail(key, "must be a text");
  return found->get<std::string>();
}

std::string Table::need_text(std::string_view key) {
  need(key);
  return text(key, "");
}

bool Table::flag(std::string_view key, bool otherwise) {
  const json* found = find(key);
  if (!found) return otherwise;
  if (!found->is_boolean()) fail(key, "must be true or false");
  return found->get<bool>();
}

double Table::number(std::string_view key, double otherwise) {
  const json* found = find(key);
  if (!found) return otherwise;
  if (!found->is_number()) fail(key, "must be a number");
  return found->get<double>();
}

std::int64_t Table::duration_ms(std::string_view key, std::int64_t otherwise) {
  static constexpr Unit units[] = {
      {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  if (!find(key)) return otherwise;
  bool good = false;
  const auto value = measured(text(key, ""), units, good);
  if (!good) fail(key, "must be a duration such as '500ms', '2s', '10m', '1h' or '7d'");
  return static_cast<std::int64_t>(value);
}

std::uint32_t Table::timer_ms(std::string_view key, std::uint32_t otherwise) {
  constexpr std::int64_t longest_ms = 20LL * 86'400'000;
  const std::int64_t value = duration_ms(key, otherwise);
  if (value <= 0 || value > longest_ms) fail(key, "must be more than nothing, and at most 20d");
  return static_cast<std::uint32_t>(value);
}

std::vector<std::string> Table::texts(std::string_view key) {
  std::vector<std::string> list;
  const json* found = find(key);
  if (!found) return list;
  if (!found->is_array()) fail(key, "must be a list of texts");
  for (const json& one : *found) {
    if (!one.is_string()) fail(key, "must be a list of texts");
    list.push_back(one.get<std::string>());
  }
  return list;
}

std::uint64_t Table::size_bytes(std::string_view key, std::uint64_t otherwise) {
  static constexpr Unit units[] = {
      {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", std::uint64_t{1} << 30}};
  if (!find(key)) return otherwise;
  bool good = false;
  const auto value = measured(text(key, ""), units, good);
  if (!good) fail(key, "must be a size such as '64MiB'");
  return value;
}

void Table::finish() const {
  for (const auto& [key, value] : value_.items())
    if (!known_.contains(key)) fail(key, "unknown key" + did_you_mean(key, known_));
}

}  // namespace http_plugin
