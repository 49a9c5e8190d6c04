// SPDX-License-Identifier: Apache-2.0
#include "model/table_reader.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace weft {

void Mistakes::add(SourcePosition position, std::string message, std::string remedy) {
  diagnostics_.push_back({std::move(position), std::move(message), std::move(remedy), false});
  ++errors_;
}

void Mistakes::warn(SourcePosition position, std::string message, std::string remedy) {
  diagnostics_.push_back({std::move(position), std::move(message), std::move(remedy), true});
}

void Mistakes::add(const Error& error, const SourcePosition& position) {
  if (error.diagnostics.empty()) return add(position, error.message, error.remedy);
  for (const Diagnostic& diagnostic : error.diagnostics) {
    errors_ += diagnostic.warning ? 0u : 1u;
    diagnostics_.push_back(diagnostic);
  }
}

std::vector<Diagnostic> Mistakes::take() {
  sort_diagnostics(diagnostics_);
  return std::move(diagnostics_);
}

bool is_reserved(std::string_view word) noexcept {
  // Reserved words of CEL (its language definition, "identifiers").
  constexpr std::array<std::string_view, 21> reserved{
      "as",       "break",   "const",  "continue", "else", "false", "for",
      "function", "if",      "import", "in",       "let",  "loop",  "namespace",
      "null",     "package", "return", "true",     "var",  "void",  "while"};
  return std::ranges::find(reserved, word) != reserved.end();
}

void check_name(std::string_view name, const SourcePosition& position, Mistakes& mistakes) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool well_formed = !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
                           std::all_of(name.begin(), name.end(), fits);
  if (!well_formed)
    mistakes.add(position, "'" + excerpt(name, 60) + "' cannot be a name",
                 "begin with a lower-case letter, go on with lower-case letters, digits and _");
  else if (is_reserved(name))
    mistakes.add(
        position,
        "'" + std::string(name) + "' cannot be a name, because expressions use the word themselves",
        "take another word");
}

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "true or false";
    case json::kind::int64:
    case json::kind::uint64:
      return "an integer";
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a text";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "a table";
  }
  return "a value";
}

TableReader::TableReader(const Document& document, std::string pointer, std::string what,
                         Mistakes& mistakes)
    : document_(&document),
      pointer_(std::move(pointer)),
      what_(std::move(what)),
      mistakes_(&mistakes),
      members_(nullptr) {
  constexpr std::size_t most_keys = 32;
  known_.reserve(most_keys);
  const json::value* value = value_at(document.root(), pointer_);
  if (!value) return;
  members_ = value->if_object();
  if (!members_)
    mistakes.add(document.value_position(pointer_),
                 what_ + " must be a table, not " + std::string(kind_of(*value)));
}

bool TableReader::has(std::string_view key) const {
  return members_ && members_->contains(key);
}

const json::value* TableReader::any(std::string_view key) {
  known_.emplace_back(key);
  return members_ ? members_->if_contains(key) : nullptr;
}

void TableReader::wrong(std::string_view key, std::string message, std::string remedy) {
  mistakes_->add(value_position(key), std::move(message), std::move(remedy));
}

void TableReader::wrong_type(std::string_view key, std::string_view wanted,
                             const json::value& found) {
  wrong(key, "'" + std::string(key) + "' must be " + std::string(wanted) + ", not " +
                 std::string(kind_of(found)));
}

const json::string* TableReader::text(std::string_view key) {
  const json::value* value = any(key);
  if (value && !value->is_string()) wrong_type(key, "a text", *value);
  return value ? value->if_string() : nullptr;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const json::value* value = any(key);
  if (!value) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  wrong_type(key, "true or false", *value);
  return std::nullopt;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t at_least,
                                                 std::int64_t at_most) {
  const json::value* value = any(key);
  if (!value) return std::nullopt;
  if (!value->is_int64()) {
    wrong_type(key, "an integer", *value);
    return std::nullopt;
  }
  if (value->get_int64() >= at_least && value->get_int64() <= at_most) return value->get_int64();
  wrong(key, "'" + std::string(key) + "' must be from " + std::to_string(at_least) + " to " +
                 std::to_string(at_most) + ", not " + std::to_string(value->get_int64()));
  return std::nullopt;
}

std::optional<double> TableReader::share(std::string_view key) {
  const json::value* value = any(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) {
    wrong_type(key, "a number", *value);
    return std::nullopt;
  }
  const auto number = value->to_number<double>();
  if (number > 0 && number <= 1) return number;
  wrong(key, "'" + std::string(key) + "' must be above 0 and at most 1");
  return std::nullopt;
}

std::optional<Duration> TableReader::duration(std::string_view key) {
  const json::string* written = text(key);
  if (!written) return std::nullopt;
  auto span = parse_duration(*written);
  if (!span) {
    wrong(key, span.error().message, span.error().remedy);
    return std::nullopt;
  }
  if (*span > Duration::zero()) return *span;
  wrong(key, "'" + std::string(key) + "' must be longer than nothing",
        "leave it out to set no limit");
  return std::nullopt;
}

MaybeMoney TableReader::money(std::string_view key, std::string_view currency) {
  const json::value* value = any(key);
  if (!value) return std::nullopt;
  if (value->is_int64() && value->get_int64() == 0) return Money{0, currency};
  if (!value->is_string()) {
    wrong(key,
          "'" + std::string(key) + "' must be money in quotes, not " + std::string(kind_of(*value)),
          "write it as a text: \"0.40\" or \"0.40 EUR\"");
    return std::nullopt;
  }
  auto amount = Money::parse(value->get_string(), currency);
  if (amount) return *amount;
  wrong(key, amount.error().message, amount.error().remedy);
  return std::nullopt;
}

std::optional<std::size_t> TableReader::word(std::string_view key,
                                             const std::vector<std::string>& words) {
  const json::string* written = text(key);
  if (!written) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), std::string_view(*written));
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  wrong(key, "'" + std::string(key) + "' cannot be '" + excerpt(*written, 60) + "'",
        suggest(*written, words));
  return std::nullopt;
}

std::vector<std::string> TableReader::texts(std::string_view key) {
  std::vector<std::string> all;
  const json::array* elements = array(key);
  if (!elements) return all;
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const json::value& element = (*elements)[i];
    if (element.is_string())
      all.emplace_back(element.get_string());
    else
      mistakes_->add(document_->value_position(child_pointer(pointer_of(key), std::to_string(i))),
                     "'" + std::string(key) + "' is a list of texts; this is " +
                         std::string(kind_of(element)));
  }
  return all;
}

const json::object* TableReader::object(std::string_view key) {
  const json::value* value = any(key);
  if (value && !value->is_object()) wrong_type(key, "a table", *value);
  return value ? value->if_object() : nullptr;
}

const json::array* TableReader::array(std::string_view key) {
  const json::value* value = any(key);
  if (value && !value->is_array()) wrong_type(key, "an array", *value);
  return value ? value->if_array() : nullptr;
}

std::optional<TableReader> TableReader::table(std::string_view key, std::string what) {
  if (!object(key)) return std::nullopt;
  return TableReader(*document_, pointer_of(key), std::move(what), *mistakes_);
}

void TableReader::require(std::string_view key, std::string remedy) {
  if (members_ && !has(key))
    mistakes_->add(position(), what_ + " has no '" + std::string(key) + "'", std::move(remedy));
}

void TableReader::not_supported(std::string_view key, std::string_view remedy) {
  if (!has(key)) return;
  known_.emplace_back(key);
  mistakes_->add(key_position(key),
                 "'" + std::string(key) + "' in " + what_ + " is not supported yet",
                 std::string(remedy));
}

void TableReader::finish() {
  if (!members_) return;
  for (const json::key_value_pair& member : *members_) {
    const std::string key(member.key());
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    std::vector<std::string> absent;  // what is there already is not what was meant
    for (const std::string& name : known_)
      if (!members_->contains(name)) absent.push_back(name);
    mistakes_->add(key_position(key), "unknown key '" + excerpt(key, 60) + "' in " + what_,
                   suggest(key, absent));
  }
}

}  // namespace weft
