// SPDX-License-Identifier: Apache-2.0
#include "expr/value.hpp"

#include <algorithm>
#include <numeric>

namespace weft::expr {
namespace {

constexpr std::size_t small_map = 8;  // up to here looking along the entries beats a search

// As the CEL specification's cases have it: a double beyond an integer's range is compared by that
// alone, any other with the integer as a double.
std::partial_ordering compare_int_double(std::int64_t a, double b) noexcept {
  if (b > 0x1p63) return std::partial_ordering::less;
  if (b < -0x1p63) return std::partial_ordering::greater;
  return static_cast<double>(a) <=> b;
}

std::partial_ordering compare_uint_double(std::uint64_t a, double b) noexcept {
  if (b > 0x1p64) return std::partial_ordering::less;
  if (b < 0) return std::partial_ordering::greater;
  return static_cast<double>(a) <=> b;
}

std::partial_ordering compare_int_uint(std::int64_t a, std::uint64_t b) noexcept {
  if (a < 0) return std::partial_ordering::less;
  return static_cast<std::uint64_t>(a) <=> b;
}

std::partial_ordering reversed(std::partial_ordering order) noexcept {
  return 0 <=> order;
}

bool is_number(Kind kind) noexcept {
  return kind == Kind::integer || kind == Kind::unsigned_integer || kind == Kind::floating;
}

// Two numbers of different kinds.
std::partial_ordering compare_mixed(const Value& a, const Value& b) noexcept {
  if (const auto* i = a.if_int()) {
    if (const auto* d = b.if_double()) return compare_int_double(*i, *d);
    return compare_int_uint(*i, *b.if_uint());
  }
  if (const auto* u = a.if_uint()) {
    if (const auto* d = b.if_double()) return compare_uint_double(*u, *d);
    return reversed(compare_int_uint(*b.if_int(), *u));
  }
  return reversed(compare_mixed(b, a));
}

bool equal_maps(const Map& a, const Map& b) noexcept {
  if (a.size() != b.size()) return false;
  return std::all_of(a.entries().begin(), a.entries().end(), [&](const Map::Entry& entry) {
    const Value* other = b.find(entry.key);
    return other && entry.value == *other;
  });
}

constexpr std::uint64_t weight_at_most = std::uint64_t{1} << 60;
constexpr std::size_t bytes_per_weight = 64;

std::uint64_t added(std::uint64_t a, std::uint64_t b) noexcept {
  return std::min(a + b, weight_at_most);
}

int key_rank(const Value& key) noexcept {
  switch (key.kind()) {
    case Kind::boolean:
      return 0;
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::floating:
      return 1;
    case Kind::string:
      return 2;
    default:
      return -1;  // cannot be a key
  }
}

std::partial_ordering order_of_keys(const Value& a, const Value& b) noexcept {
  if (const int by_rank = key_rank(a) - key_rank(b); by_rank != 0) return by_rank <=> 0;
  return compare(a, b).value_or(std::partial_ordering::unordered);
}

}  // namespace

std::string_view type_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::null_type:
      return "null_type";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::unsigned_integer:
      return "uint";
    case Kind::floating:
      return "double";
    case Kind::string:
      return "string";
    case Kind::bytes:
      return "bytes";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
    case Kind::timestamp:
      return "google.protobuf.Timestamp";
    case Kind::duration:
      return "google.protobuf.Duration";
    case Kind::type:
      return "type";
    case Kind::artifact:
      return "artifact";
  }
  return {};
}

Value::Value(std::string value)
    : kind_(Kind::string), shared_(std::make_shared<const std::string>(std::move(value))) {}
Value::Value(std::string_view value) : Value(std::string(value)) {}
Value::Value(const char* value) : Value(std::string(value)) {}
Value::Value(List value) : kind_(Kind::list) {
  plain_.natural = 1;
  for (const Value& element : value) plain_.natural = added(plain_.natural, element.weight());
  shared_ = std::make_shared<const List>(std::move(value));
}
Value::Value(Map value) : kind_(Kind::map) {
  plain_.natural = 1;
  for (const Map::Entry& entry : value.entries())
    plain_.natural = added(plain_.natural, added(entry.key.weight(), entry.value.weight()));
  shared_ = std::make_shared<const Map>(std::move(value));
}
Value::Value(Instant value)
    : kind_(Kind::timestamp), shared_(std::make_shared<const Instant>(value)) {}
Value::Value(Artifact value)
    : kind_(Kind::artifact), shared_(std::make_shared<const Artifact>(std::move(value))) {}

Value Value::bytes(std::string octets) {
  Value value(std::move(octets));
  value.kind_ = Kind::bytes;
  return value;
}

std::uint64_t Value::weight() const noexcept {
  if (kind_ == Kind::list || kind_ == Kind::map) return plain_.natural;
  if (kind_ == Kind::string || kind_ == Kind::bytes)
    return 1 + static_cast<const std::string*>(shared_.get())->size() / bytes_per_weight;
  return 1;
}

bool operator==(const Value& a, const Value& b) noexcept {
  if (a.kind() != b.kind())
    return is_number(a.kind()) && is_number(b.kind()) && std::is_eq(compare_mixed(a, b));
  switch (a.kind()) {
    case Kind::null_type:
      return true;
    case Kind::boolean:
      return *a.if_bool() == *b.if_bool();
    case Kind::integer:
      return *a.if_int() == *b.if_int();
    case Kind::unsigned_integer:
      return *a.if_uint() == *b.if_uint();
    case Kind::floating:
      return *a.if_double() == *b.if_double();
    case Kind::string:
      return *a.if_string() == *b.if_string();
    case Kind::bytes:
      return *a.if_bytes() == *b.if_bytes();
    case Kind::list:
      return *a.if_list() == *b.if_list();
    case Kind::map:
      return equal_maps(*a.if_map(), *b.if_map());
    case Kind::timestamp:
      return *a.if_timestamp() == *b.if_timestamp();
    case Kind::duration:
      return *a.if_duration() == *b.if_duration();
    case Kind::type:
      return *a.if_type() == *b.if_type();
    case Kind::artifact:
      return *a.if_artifact() == *b.if_artifact();
  }
  return false;
}

std::optional<std::partial_ordering> compare(const Value& a, const Value& b) noexcept {
  if (a.kind() != b.kind()) {
    if (is_number(a.kind()) && is_number(b.kind())) return compare_mixed(a, b);
    return std::nullopt;
  }
  switch (a.kind()) {
    case Kind::boolean:
      return *a.if_bool() <=> *b.if_bool();
    case Kind::integer:
      return *a.if_int() <=> *b.if_int();
    case Kind::unsigned_integer:
      return *a.if_uint() <=> *b.if_uint();
    case Kind::floating:
      return *a.if_double() <=> *b.if_double();
    case Kind::string:
      return *a.if_string() <=> *b.if_string();
    case Kind::bytes:
      return *a.if_bytes() <=> *b.if_bytes();
    case Kind::timestamp:
      return *a.if_timestamp() <=> *b.if_timestamp();
    case Kind::duration:
      return *a.if_duration() <=> *b.if_duration();
    default:
      return std::nullopt;
  }
}

result<Map> Map::make(std::vector<Entry> entries) {
  for (const Entry& entry : entries)
    if (key_rank(entry.key) < 0 || entry.key.kind() == Kind::floating)
      return invalid("a map key cannot be " + to_display(entry.key),
                     "keys are bools, ints, uints and strings");
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto key_of = [&](std::uint32_t at) -> const Value& { return entries[at].key; };
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::is_lt(order_of_keys(key_of(a), key_of(b)));
  });
  const auto same =
      std::adjacent_find(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::is_eq(order_of_keys(key_of(a), key_of(b)));
      });
  if (same != order.end()) return invalid("repeated key " + to_display(key_of(*same)));
  Map map;
  map.entries_ = std::move(entries);
  if (map.entries_.size() > small_map) map.by_key_ = std::move(order);
  return map;
}

const Value* Map::find(const Value& key) const noexcept {
  if (by_key_.empty()) {
    for (const Entry& entry : entries_)
      if (entry.key == key) return &entry.value;
    return nullptr;
  }
  const auto at = std::lower_bound(by_key_.begin(), by_key_.end(), key,
                                   [&](std::uint32_t i, const Value& wanted) {
                                     return std::is_lt(order_of_keys(entries_[i].key, wanted));
                                   });
  return at != by_key_.end() && entries_[*at].key == key ? &entries_[*at].value : nullptr;
}

const Value* Map::field(std::string_view name) const noexcept {
  const auto text_of = [&](const Entry& entry) { return entry.key.if_string(); };
  if (by_key_.empty()) {
    for (const Entry& entry : entries_)
      if (const std::string* text = text_of(entry); text && *text == name) return &entry.value;
    return nullptr;
  }
  const auto at = std::lower_bound(
      by_key_.begin(), by_key_.end(), name, [&](std::uint32_t i, std::string_view wanted) {
        const std::string* text = text_of(entries_[i]);  // strings come after all other keys
        return !text || *text < wanted;
      });
  if (at == by_key_.end()) return nullptr;
  const std::string* text = text_of(entries_[*at]);
  return text && *text == name ? &entries_[*at].value : nullptr;
}

}  // namespace weft::expr
