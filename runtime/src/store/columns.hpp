// SPDX-License-Identifier: Apache-2.0
// How values of the model stand in columns: ids and digests as blobs, times as Unix milliseconds,
// enums as their numbers, JSON as text, money as two columns (micros, currency).
#pragma once
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/money.hpp"
#include "base/time.hpp"

namespace weft::store {

// put() binds to parameter `at` (from 1) without copying: the value outlives the step. get() reads
// column `at` (from 0). `width` is the number of columns a value takes.
template <class T>
struct Column;

template <class T>
requires(std::integral<T> || std::is_enum_v<T>) struct Column<T> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, T value) {
    return sqlite3_bind_int64(statement, at, static_cast<sqlite3_int64>(value));
  }
  static T get(sqlite3_stmt* statement, int at) {
    return static_cast<T>(sqlite3_column_int64(statement, at));
  }
};

template <>
struct Column<std::string_view> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, std::string_view text) {
    // A null pointer would bind NULL.
    return sqlite3_bind_text64(statement, at, text.data() ? text.data() : "", text.size(),
                               SQLITE_STATIC, SQLITE_UTF8);
  }
};

template <>
struct Column<std::string> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, const std::string& text) {
    return Column<std::string_view>::put(statement, at, text);
  }
  static std::string get(sqlite3_stmt* statement, int at) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
    return text ? std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, at)))
                : std::string();
  }
};

// Bytes that are no text. Borrows what it binds.
struct Bytes {
  std::string_view bytes;
};
template <>
struct Column<Bytes> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, Bytes value) {
    return sqlite3_bind_blob64(statement, at, value.bytes.data() ? value.bytes.data() : "",
                               value.bytes.size(), SQLITE_STATIC);
  }
};

template <std::size_t size>
struct ArrayColumn {
  static constexpr int width = 1;
  using Array = std::array<std::uint8_t, size>;
  static int put_bytes(sqlite3_stmt* statement, int at, const Array& bytes) {
    return sqlite3_bind_blob(statement, at, bytes.data(), static_cast<int>(size), SQLITE_STATIC);
  }
  static Array get_bytes(sqlite3_stmt* statement, int at) {
    Array bytes{};
    const auto* blob = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, at));
    if (blob && sqlite3_column_bytes(statement, at) == static_cast<int>(size))
      std::copy_n(blob, size, bytes.begin());
    return bytes;
  }
};

template <>
struct Column<Uuid> : ArrayColumn<16> {
  static int put(sqlite3_stmt* statement, int at, const Uuid& id) {
    return put_bytes(statement, at, id.bytes());
  }
  static Uuid get(sqlite3_stmt* statement, int at) {
    return Uuid::from_bytes(get_bytes(statement, at));
  }
};

template <class Tag>
struct Column<Id<Tag>> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, const Id<Tag>& id) {
    return Column<Uuid>::put(statement, at, id.uuid);
  }
  static Id<Tag> get(sqlite3_stmt* statement, int at) { return {Column<Uuid>::get(statement, at)}; }
};

template <>
struct Column<Digest> : ArrayColumn<32> {
  static int put(sqlite3_stmt* statement, int at, const Digest& digest) {
    return put_bytes(statement, at, digest.bytes);
  }
  static Digest get(sqlite3_stmt* statement, int at) { return {get_bytes(statement, at)}; }
};

template <>
struct Column<Duration> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, Duration span) {
    return sqlite3_bind_int64(statement, at, span.count());
  }
  static Duration get(sqlite3_stmt* statement, int at) {
    return Duration{sqlite3_column_int64(statement, at)};
  }
};

template <>
struct Column<Timestamp> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, Timestamp time) {
    return sqlite3_bind_int64(statement, at, to_unix_ms(time));
  }
  static Timestamp get(sqlite3_stmt* statement, int at) {
    return from_unix_ms(sqlite3_column_int64(statement, at));
  }
};

template <class T>
struct Column<std::optional<T>> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, const std::optional<T>& value) {
    return value ? Column<T>::put(statement, at, *value) : sqlite3_bind_null(statement, at);
  }
  static std::optional<T> get(sqlite3_stmt* statement, int at) {
    if (sqlite3_column_type(statement, at) == SQLITE_NULL) return std::nullopt;
    return Column<T>::get(statement, at);
  }
};

template <>
struct Column<Currency> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, const Currency& currency) {
    return Column<std::string_view>::put(statement, at, currency.code());
  }
  static Currency get(sqlite3_stmt* statement, int at) {
    return Column<std::string>::get(statement, at);
  }
};

template <>
struct Column<MaybeMoney> {
  static constexpr int width = 2;
  static int put(sqlite3_stmt* statement, int at, const MaybeMoney& money) {
    if (!money) {
      sqlite3_bind_null(statement, at);
      return sqlite3_bind_null(statement, at + 1);
    }
    sqlite3_bind_int64(statement, at, money->micros);
    return Column<Currency>::put(statement, at + 1, money->currency);
  }
  static MaybeMoney get(sqlite3_stmt* statement, int at) {
    if (sqlite3_column_type(statement, at) == SQLITE_NULL) return std::nullopt;
    return Money{sqlite3_column_int64(statement, at), Column<Currency>::get(statement, at + 1)};
  }
};

// A deadline that never comes is NULL.
template <>
struct Column<Deadline> {
  static constexpr int width = 1;
  static int put(sqlite3_stmt* statement, int at, Deadline deadline) {
    return deadline.is_set() ? Column<Timestamp>::put(statement, at, deadline.at())
                             : sqlite3_bind_null(statement, at);
  }
  static Deadline get(sqlite3_stmt* statement, int at) {
    const auto at_time = Column<std::optional<Timestamp>>::get(statement, at);
    return at_time ? Deadline{*at_time} : Deadline::never();
  }
};

// JSON is read here and written as text by its writer. NULL is null. Only this program writes the
// column, so text that is no JSON is damage; it reads as null.
template <>
struct Column<json::value> {
  static constexpr int width = 1;
  static json::value get(sqlite3_stmt* statement, int at) {
    if (sqlite3_column_type(statement, at) == SQLITE_NULL) return nullptr;
    auto value = parse_json(Column<std::string>::get(statement, at));
    return value ? *std::move(value) : json::value(nullptr);
  }
};
template <>
struct Column<json::object> {
  static constexpr int width = 1;
  static json::object get(sqlite3_stmt* statement, int at) {
    json::value value = Column<json::value>::get(statement, at);
    return value.is_object() ? std::move(value.get_object()) : json::object();
  }
};

}  // namespace weft::store
