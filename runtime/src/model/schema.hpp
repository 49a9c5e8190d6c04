// SPDX-License-Identifier: Apache-2.0
// JSON Schema draft-07, through Valijson.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace weft {

// One way in which a value breaks its schema.
struct Violation {
  std::string pointer;  // JSON Pointer to the offending value; "" is the whole
  std::string message;  // "must be at most 4096", "is not allowed here"
  std::string remedy;   // "did you mean 'width'?"; may be empty
};

// Immutable; cheap to copy; safe to use from several threads at once.
class Schema {
 public:
  Schema();  // accepts anything
  // An error when `source` is not a usable draft-07 schema.
  static result<Schema> compile(json::value source);
  std::vector<Violation> validate(const json::value& value) const;
  const json::value& source() const noexcept;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace weft
