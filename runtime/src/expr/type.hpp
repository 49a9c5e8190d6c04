// SPDX-License-Identifier: Apache-2.0
// What is known about a value before there is one. Types are gradual: `dyn` is the type of what is
// not known, and only what is certainly wrong counts as wrong.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "expr/value.hpp"

namespace weft::expr {

// Cheap to copy; immutable.
class Type {
 public:
  struct Field;
  // What messages call the fields of an object: "unknown task 'x'"; with an owner "task 'a' has no
  // output 'x'".
  struct Naming {
    std::string field = "field";
    std::string owner;
  };

  Type() noexcept = default;  // dyn
  Type(Kind kind) noexcept
      : kind_(kind) {}  // a list of dyn, a map of dyn: for list and map without more
  static Type dyn() noexcept { return {}; }
  static Type list(Type element);
  // Any keys, all values of one type.
  static Type map(Type value);
  // An object with known fields. Naming another field of a *closed* one is a mistake; of an open
  // one it is dyn.
  static Type object(std::vector<Field> fields, bool closed);
  static Type object(std::vector<Field> fields, bool closed, Naming naming);
  // The same type, but the value may also be null.
  Type or_null() const;
  // The same type, but the value is not null.
  Type not_null() const;

  // The type a JSON Schema (or the JSON-Schema-like table of a definition) describes: `type` with
  // integer (int), number (double), string, boolean, null, array with `items`, object with
  // `properties`, `required`, `additionalProperties`, a list of types with "null" among them,
  // `enum`, `const`, `anyOf`, `oneOf`; and weft's own type "artifact". An object is closed when it
  // has `properties` and `additionalProperties` is false. What is not understood is dyn.
  static Type from_json_schema(const json::value& schema);
  // The type of a given value; objects are closed.
  static Type of(const Value& value);
  // The narrowest type that both fit in: dyn if there is no better.
  static Type join(const Type& a, const Type& b);

  bool is_dyn() const noexcept { return !kind_; }
  // Nothing for dyn.
  std::optional<Kind> kind() const noexcept { return kind_; }
  // Whether null is possible: a nullable type, null itself, or dyn.
  bool may_be_null() const noexcept { return nullable_ || !kind_ || kind_ == Kind::null_type; }
  // Whether a value of this type can be of that kind.
  bool may_be(Kind kind) const noexcept;
  // Of a list: the type of its elements. Of a map: the type of the values of which nothing more is
  // known. Else dyn.
  const Type& element() const noexcept;
  // Of an object: its known fields in the order given.
  const std::vector<Field>& fields() const noexcept;
  const Field* find_field(std::string_view name) const noexcept;
  bool is_closed() const noexcept;
  const Naming& naming() const noexcept;

  // "list(map)", "string or null": for messages.
  std::string to_string() const;

 private:
  struct Detail;
  std::optional<Kind> kind_;
  bool nullable_ = false;
  std::shared_ptr<const Detail> detail_;  // of lists and maps
};

struct Type::Field {
  std::string name;
  Type type;
  bool required = false;
};

}  // namespace weft::expr
