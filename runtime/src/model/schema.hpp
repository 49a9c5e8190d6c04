// SPDX-License-Identifier: Apache-2.0
// JSON Schema draft-07, through Valijson, with one type more: "artifact", an artifact object
// (artifact.hpp).
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace weft {

// One way in which a value breaks its schema.
struct Violation {
  std::string pointer;  // JSON Pointer to the offending value, or to the object that lacks a
                        // member; "" is the whole
  std::string keyword;  // of the schema: "maximum", "required"; "" when that is not known
  std::string message;  // "must be at most 4096", "is not allowed here"
  std::string remedy;   // "did you mean 'width'?"; may be empty
};

// What is wrong with a schema itself: unknown keywords, unknown types, keywords with values of a
// wrong form. Pointers go into the schema.
std::vector<Violation> check_schema(const json::value& schema);

// Immutable; cheap to copy; safe to use from several threads at once.
class Schema {
 public:
  Schema();  // accepts anything
  // An error when `source` is not a usable draft-07 schema.
  static result<Schema> compile(json::value source);
  std::vector<Violation> validate(const json::value& value) const;
  // Makes each number what its schema says: 3 becomes 3.0 where it says number, 3.0 becomes 3 where
  // it says integer. What does not convert exactly stays as it is, for validate() to judge.
  void convert_numbers(json::value& value) const;
  // Puts the defaults of properties where a member is missing, also in inner objects and in the
  // elements of arrays.
  void fill_defaults(json::value& value) const;
  const json::value& source() const noexcept;
  // The part of the source that describes the value at a JSON Pointer, as far as properties, items
  // and additionalProperties tell; null when they do not.
  const json::value* part_for(std::string_view pointer) const;

 private:
  struct Compiled;
  explicit Schema(std::shared_ptr<const Compiled> compiled);
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace weft
