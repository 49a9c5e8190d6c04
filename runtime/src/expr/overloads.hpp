// SPDX-License-Identifier: Apache-2.0
// What types allow: which overloads of a function can take arguments of given types, what can be
// compared, which fields there are.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "expr/functions.hpp"
#include "expr/lexer.hpp"

namespace weft::expr {

// The type of the result, or nothing when no overload can take the arguments; then `mistake` says
// what to do, all but its offset.
std::optional<Type> resolve_overload(const Function& function, std::span<const Type> arguments,
                                     Mistake& mistake);

// Whether values of two types can be compared for equality with another outcome than `false`.
bool can_be_equal(const Type& a, const Type& b) noexcept;
// Whether one can be less than the other.
bool can_be_ordered(const Type& a, const Type& b) noexcept;

bool is_number(const Type& type) noexcept;

// What to say when a closed object has no field of that name, all but the offset.
// `suggests`: with the name that was perhaps meant.
Mistake no_such_field(const Type& object, std::string_view name, bool suggests);

}  // namespace weft::expr
