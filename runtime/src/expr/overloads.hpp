// SPDX-License-Identifier: Apache-2.0
// Which overloads of a function can take arguments of given types.
#pragma once
#include <span>
#include <string>

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

}  // namespace weft::expr
