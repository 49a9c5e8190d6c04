// SPDX-License-Identifier: Apache-2.0
// Reads one table of a document: each key is asked for once with what it must be, and what nobody
// asked for is a mistake. Mistakes are collected, never thrown: a getter that finds one notes it
// and answers nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/time.hpp"
#include "model/document.hpp"

namespace weft {

// What is wrong with a text so far.
class Mistakes {
 public:
  void add(SourcePosition position, std::string message, std::string remedy = {});
  void warn(SourcePosition position, std::string message, std::string remedy = {});
  // Takes over the diagnostics of an error about the text; an error without any becomes one at
  // `position`.
  void add(const Error& error, const SourcePosition& position);
  bool any() const noexcept { return errors_ > 0; }
  // Whether there are so few that each may say what was perhaps meant, though finding that takes as
  // long as there are names.
  bool few() const noexcept { return errors_ < 100; }
  // In the order of the text.
  std::vector<Diagnostic> take();

 private:
  std::vector<Diagnostic> diagnostics_;
  std::size_t errors_ = 0;
};

// A keyword of the expression language.
bool is_reserved(std::string_view word) noexcept;
// A name of a task, input or output: [a-z][a-z0-9_]* and no keyword of the expression language.
void check_name(std::string_view name, const SourcePosition& position, Mistakes& mistakes);

class TableReader {
 public:
  // `what` says what the table is, for messages: "task 'video'". The document and the mistakes must
  // outlive the reader.
  TableReader(const Document& document, std::string pointer, std::string what, Mistakes& mistakes);

  bool has(std::string_view key) const;
  // Nothing when the key is absent, or wrong and noted.
  const json::value* any(std::string_view key);
  const json::string* text(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::int64_t> integer(std::string_view key, std::int64_t at_least,
                                      std::int64_t at_most);
  // Above 0, at most 1.
  std::optional<double> share(std::string_view key);
  std::optional<Duration> duration(std::string_view key);
  MaybeMoney money(std::string_view key, std::string_view currency);
  // One of the words; the index of it.
  std::optional<std::size_t> word(std::string_view key, const std::vector<std::string>& words);
  std::vector<std::string> texts(std::string_view key);
  const json::object* object(std::string_view key);
  const json::array* array(std::string_view key);
  // The table at `key`, when there is one.
  std::optional<TableReader> table(std::string_view key, std::string what);

  // The key is missing: notes it at the table's own position.
  void require(std::string_view key, std::string remedy);
  // A key that the design knows and this version does not act upon: said so, because an inert key
  // would be a lie.
  void not_supported(std::string_view key, std::string_view remedy);
  // Notes every key that nobody asked for. Call it last.
  void finish();

  const Document& document() const noexcept { return *document_; }
  const std::string& pointer() const noexcept { return pointer_; }
  const std::string& what() const noexcept { return what_; }
  Mistakes& mistakes() noexcept { return *mistakes_; }
  std::string pointer_of(std::string_view key) const { return child_pointer(pointer_, key); }
  SourcePosition position() const { return document_->key_position(pointer_); }
  SourcePosition key_position(std::string_view key) const {
    return document_->key_position(pointer_of(key));
  }
  SourcePosition value_position(std::string_view key) const {
    return document_->value_position(pointer_of(key));
  }
  // Notes a mistake in the value of a key.
  void wrong(std::string_view key, std::string message, std::string remedy = {});

 private:
  void wrong_type(std::string_view key, std::string_view wanted, const json::value& found);

  const Document* document_;
  std::string pointer_;
  std::string what_;
  Mistakes* mistakes_;
  const json::object* members_;  // null when it is no table, which is noted
  std::vector<std::string> known_;
};

// "a text", "an integer", "a table", ...: what a value is, for messages.
std::string_view kind_of(const json::value& value);

}  // namespace weft
