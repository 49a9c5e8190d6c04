// SPDX-License-Identifier: Apache-2.0
// What an expression works on: the values of CEL, and artifacts.
#pragma once
#include <chrono>
#include <compare>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace weft::expr {

class Type;
class Value;
class Map;

// In the order of Value's alternatives.
enum class Kind : std::uint8_t {
  null_type,
  boolean,
  integer,  // int64; leaving its range is an error, never a wrap
  unsigned_integer,
  floating,  // IEEE 754 double
  string,    // UTF-8
  bytes,
  list,
  map,
  timestamp,
  duration,
  type,
  artifact,
};
// The name CEL gives the type: "int", "null_type", "google.protobuf.Timestamp", ...; "artifact" is
// weft's own.
std::string_view type_name(Kind kind) noexcept;

// A moment to the nanosecond in the years 1 to 9999; weft::Timestamp cannot hold what CEL asks for.
struct Instant {
  std::int64_t unix_s = 0;
  std::int32_t nanos = 0;  // 0 ... 999'999'999, also before 1970
  auto operator<=>(const Instant&) const = default;
};
// About ±292 years, as the reference implementation in Go has it; beyond is a range error.
using Span = std::chrono::nanoseconds;

// What an expression may know of an artifact: fields .sha256 .media_type .bytes .name
struct Artifact {
  std::string sha256;  // 64 lower-case hex digits
  std::string media_type;
  std::int64_t bytes = 0;
  std::string name;  // may be empty
  bool operator==(const Artifact&) const = default;
};

using List = std::vector<Value>;

// An immutable value, as cheap to copy as a pointer: strings, lists, maps and artifacts are shared.
// Threads may read one value at a time together.
class Value {
 public:
  Value() noexcept = default;  // null
  Value(std::nullptr_t) noexcept {}
  Value(std::same_as<bool> auto value) noexcept : data_(value) {}
  template <std::signed_integral T>
  Value(T value) noexcept : data_(std::int64_t{value}) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Value(T value)
  noexcept : data_(std::uint64_t{value}) {}
  Value(double value) noexcept : data_(value) {}
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(List value);
  Value(Map value);
  Value(Instant value) noexcept : data_(value) {}
  Value(Span value) noexcept : data_(value) {}
  Value(Kind type) noexcept : data_(type) {}  // the type itself as a value: `int`, `type(x)`
  Value(Artifact value);
  static Value bytes(std::string octets);

  Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
  bool is_null() const noexcept { return kind() == Kind::null_type; }

  // Each is null when the value is of another kind. What they point to lives as long as this value
  // or a copy of it.
  const bool* if_bool() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* if_int() const noexcept { return std::get_if<std::int64_t>(&data_); }
  const std::uint64_t* if_uint() const noexcept { return std::get_if<std::uint64_t>(&data_); }
  const double* if_double() const noexcept { return std::get_if<double>(&data_); }
  const std::string* if_string() const noexcept;
  const std::string* if_bytes() const noexcept;
  const List* if_list() const noexcept;
  const Map* if_map() const noexcept;
  const Instant* if_timestamp() const noexcept { return std::get_if<Instant>(&data_); }
  const Span* if_duration() const noexcept { return std::get_if<Span>(&data_); }
  const Kind* if_type() const noexcept { return std::get_if<Kind>(&data_); }
  const Artifact* if_artifact() const noexcept;

  // CEL's equality: numbers by their value across int, uint and double; values of different kinds
  // are unequal; NaN equals nothing; maps regardless of order.
  friend bool operator==(const Value& a, const Value& b) noexcept;

 private:
  template <class T>
  using Shared = std::shared_ptr<const T>;
  struct Octets {
    Shared<std::string> text;
  };
  std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Shared<std::string>,
               Octets, Shared<List>, Shared<Map>, Instant, Span, Kind, Shared<Artifact>>
      data_;
};

// The order of two numbers, strings, byte strings, bools, timestamps or durations; nothing when the
// two have no order (then `<` is "no such overload"). NaN is unordered.
std::optional<std::partial_ordering> compare(const Value& a, const Value& b) noexcept;

// Keys are bools, ints, uints or strings, compared as CEL compares values: 1, 1u and 1.0 are one
// key. Keeps the order in which it was written; finding is O(log n).
class Map {
 public:
  struct Entry {
    Value key;
    Value value;
  };
  Map() = default;
  // An error names a key that occurs twice or is of a kind that cannot be a key.
  static result<Map> make(std::vector<Entry> entries);

  std::size_t size() const noexcept { return entries_.size(); }
  std::span<const Entry> entries() const noexcept { return entries_; }
  // Null when there is none.
  const Value* find(const Value& key) const noexcept;
  const Value* field(std::string_view name) const noexcept;

 private:
  std::vector<Entry> entries_;
  std::vector<std::uint32_t>
      by_key_;  // positions in key order; empty for a map so small that looking along is quicker
};

// JSON to value. Numbers: int64 to int, uint64 to uint, double to double. An object with a string
// member "$artifact" is an artifact: {"$artifact": sha256, "media_type": .., "bytes": .., "name":
// ..}. Costs O(size) once; what the value then contains is shared by all who use it.
Value from_json(const json::value& json);
// The same, led by a declared type: 3 becomes 3.0 where a double is declared, and 3.0 becomes 3
// where an int is (only when exact). What does not fit the type is an error that names the place
// ("shots[2].seconds").
result<Value> from_json(const json::value& json, const Type& type);

// Value to JSON. An artifact becomes the object above, a timestamp and a duration CEL's string
// ("2009-02-13T23:31:30Z", "1.5s"). Bytes, types, NaN, infinities and maps with keys that are no
// strings have no JSON form: an error says so.
result<json::value> to_json(const Value& value);

// The value as one would write it in CEL, cut to a length fit for a message: 'text', 3u, [1, 2, …].
std::string to_display(const Value& value);

}  // namespace weft::expr
