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
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace weft::expr {

class Type;
class Value;
class Map;

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
  Value(std::same_as<bool> auto value) noexcept : kind_(Kind::boolean), plain_{.boolean = value} {}
  template <std::signed_integral T>
  Value(T value) noexcept : kind_(Kind::integer), plain_{.integer = value} {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Value(T value)
  noexcept : kind_(Kind::unsigned_integer), plain_{.natural = value} {}
  Value(double value) noexcept : kind_(Kind::floating), plain_{.floating = value} {}
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(List value);
  Value(Map value);
  Value(Instant value);
  Value(Span value) noexcept : kind_(Kind::duration), plain_{.span = value} {}
  Value(Kind type) noexcept : kind_(Kind::type), plain_{.type = type} {}  // `int`, `type(x)`
  Value(Artifact value);
  static Value bytes(std::string octets);

  Value(const Value&) = default;
  Value& operator=(const Value&) = default;
  // What was moved from is null.
  Value(Value&& other) noexcept
      : kind_(std::exchange(other.kind_, Kind::null_type)),
        plain_(other.plain_),
        shared_(std::move(other.shared_)) {}
  Value& operator=(Value&& other) noexcept {
    kind_ = std::exchange(other.kind_, Kind::null_type);
    plain_ = other.plain_;
    shared_ = std::move(other.shared_);
    return *this;
  }
  ~Value() = default;

  Kind kind() const noexcept { return kind_; }
  bool is_null() const noexcept { return kind_ == Kind::null_type; }
  // About how much there is to go through in this value: 1 for a number, more for a text, for a
  // list or map the sum of what is in it, counted as often as it is there. A small expression can
  // make a value of immense weight.
  std::uint64_t weight() const noexcept;

  // Each is null when the value is of another kind. What they point to lives as long as this value;
  // of strings, bytes, lists, maps, timestamps and artifacts, as long as any copy of it.
  const bool* if_bool() const noexcept {
    return kind_ == Kind::boolean ? &plain_.boolean : nullptr;
  }
  const std::int64_t* if_int() const noexcept {
    return kind_ == Kind::integer ? &plain_.integer : nullptr;
  }
  const std::uint64_t* if_uint() const noexcept {
    return kind_ == Kind::unsigned_integer ? &plain_.natural : nullptr;
  }
  const double* if_double() const noexcept {
    return kind_ == Kind::floating ? &plain_.floating : nullptr;
  }
  const std::string* if_string() const noexcept { return shared<std::string>(Kind::string); }
  const std::string* if_bytes() const noexcept { return shared<std::string>(Kind::bytes); }
  const List* if_list() const noexcept { return shared<List>(Kind::list); }
  const Map* if_map() const noexcept { return shared<Map>(Kind::map); }
  const Instant* if_timestamp() const noexcept { return shared<Instant>(Kind::timestamp); }
  const Span* if_duration() const noexcept {
    return kind_ == Kind::duration ? &plain_.span : nullptr;
  }
  const Kind* if_type() const noexcept { return kind_ == Kind::type ? &plain_.type : nullptr; }
  const Artifact* if_artifact() const noexcept { return shared<Artifact>(Kind::artifact); }

  // CEL's equality: numbers by their value across int, uint and double; values of different kinds
  // are unequal; NaN equals nothing; maps regardless of order.
  friend bool operator==(const Value& a, const Value& b) noexcept;

 private:
  template <class T>
  const T* shared(Kind kind) const noexcept {
    return kind_ == kind ? static_cast<const T*>(shared_.get()) : nullptr;
  }

  // A tag with two places beside it, because std::variant's copies and destructors cost more than
  // most expressions.
  Kind kind_ = Kind::null_type;
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t natural;
    double floating;
    Span span;
    Kind type;
  } plain_{.integer = 0};
  std::shared_ptr<const void>
      shared_;  // of the kinds that are not plain; of lists and maps `natural` is the weight
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
