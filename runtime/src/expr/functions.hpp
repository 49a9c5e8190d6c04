// SPDX-License-Identifier: Apache-2.0
// The functions and arithmetic operators of the language: for each its overloads, by which the
// compiler checks a call and the interpreter finds what to run.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/type.hpp"
#include "expr/value.hpp"

namespace weft::expr {

// What an evaluation may still do. Every function that copies pays for it, so that no expression
// can grow without bound.
class Steps {
 public:
  explicit Steps(std::uint64_t left) noexcept : left_(left) {}
  // False when there are not as many left.
  bool take(std::uint64_t count) noexcept {
    exhausted_ = exhausted_ || count > left_;
    if (!exhausted_) left_ -= count;
    return !exhausted_;
  }
  // Whether more was asked for than there was; from then on nothing is granted.
  bool exhausted() const noexcept { return exhausted_; }

 private:
  std::uint64_t left_;
  bool exhausted_ = false;
};

// One call that is being evaluated. An implementation sets `out` and returns true, or returns
// fail().
class Call {
 public:
  Call(std::span<const Value* const> arguments, Value& result, Steps& steps) noexcept
      : out(result), arguments_(arguments), steps_(steps) {}
  const Value& operator[](std::size_t i) const noexcept { return *arguments_[i]; }
  std::size_t size() const noexcept { return arguments_.size(); }
  std::span<const Value* const> arguments() const noexcept { return arguments_; }

  bool fail(std::string text, std::string help = {});
  // Pays for the copying of so many bytes or elements; false, with the error set, when that is too
  // much.
  bool pay_bytes(std::size_t bytes);
  bool pay_elements(std::size_t elements);

  Value& out;
  std::string message;
  std::string remedy;

 private:
  std::span<const Value* const> arguments_;
  Steps& steps_;
};

// A parameter is of one kind, or of any.
using Parameter = std::optional<Kind>;
inline constexpr Parameter any_kind = std::nullopt;

struct Overload {
  std::vector<Parameter> parameters;
  Type result;
  bool (*run)(Call&);
  bool repeats = false;  // the last parameter may occur any number of times, at least once

  bool takes(std::size_t count) const noexcept;
  const Parameter& parameter(std::size_t i) const noexcept;
};

struct Function {
  std::string_view name;  // an operator's is its sign
  bool member = false;    // called as target.name(…); the target is the first parameter
  std::vector<Overload> overloads;
};

// Null when there is none.
const Function* find_function(std::string_view name, bool member);
// For "did you mean": the names that can be called this way, operators left out.
std::vector<std::string> function_names(bool member);

// The parts of the table, by subject.
std::vector<Function> arithmetic_functions();
std::vector<Function> conversion_functions();
std::vector<Function> string_functions();
std::vector<Function> time_functions();
std::vector<Function> math_functions();
// string.format(list)
bool format_text(Call& call);

}  // namespace weft::expr
