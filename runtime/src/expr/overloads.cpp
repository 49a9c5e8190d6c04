// SPDX-License-Identifier: Apache-2.0
#include "expr/overloads.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/text.hpp"

namespace weft::expr {
namespace {

bool can_take(const Overload& overload, std::span<const Type> arguments) {
  if (!overload.takes(arguments.size())) return false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Parameter& parameter = overload.parameter(i);
    if (parameter && !arguments[i].may_be(*parameter)) return false;
  }
  return true;
}

// The call as it was written, with types for values: "'int' + 'string'", "'int'.trim()",
// "size('int')".
std::string written(const Function& function, std::span<const Type> arguments) {
  const auto shown = [&](std::size_t i) { return "'" + arguments[i].to_string() + "'"; };
  const std::string name(function.name);
  const bool is_operator = !std::isalpha(static_cast<unsigned char>(name.front()));
  if (is_operator && arguments.size() == 2) return shown(0) + " " + name + " " + shown(1);
  if (is_operator) return name + shown(0);
  std::string text = function.member ? shown(0) + "." + name + "(" : name + "(";
  for (std::size_t i = function.member ? 1 : 0; i < arguments.size(); ++i)
    text += (text.back() == '(' ? "" : ", ") + shown(i);
  return text + ")";
}

std::string remedy_for(std::span<const Type> arguments) {
  const bool numbers = std::all_of(arguments.begin(), arguments.end(), is_number);
  const auto is_text = [](const Type& type) { return type.kind() == Kind::string; };
  if (numbers && arguments.size() == 2)
    return "numbers are not converted by themselves: write double(x), int(x) or uint(x)";
  if (arguments.size() == 2 && std::any_of(arguments.begin(), arguments.end(), is_text))
    return "write string(x) to make it a string";
  return {};
}

}  // namespace

std::optional<Type> resolve_overload(const Function& function, std::span<const Type> arguments,
                                     Mistake& mistake) {
  std::optional<Type> joined;
  bool count_fits = false;
  for (const Overload& overload : function.overloads) {
    count_fits = count_fits || overload.takes(arguments.size());
    if (!can_take(overload, arguments)) continue;
    joined = joined ? Type::join(*joined, overload.result) : overload.result;
  }
  if (joined) return joined;
  const std::string name(function.name);
  if (!count_fits) {
    mistake.message = "wrong number of arguments for '" + name + "'";
  } else {
    mistake.message = "no such overload: " + written(function, arguments);
    mistake.remedy = remedy_for(arguments);
  }
  return std::nullopt;
}

bool is_number(const Type& type) noexcept {
  return type.kind() == Kind::integer || type.kind() == Kind::unsigned_integer ||
         type.kind() == Kind::floating;
}

bool can_be_equal(const Type& a, const Type& b) noexcept {
  if (a.is_dyn() || b.is_dyn() || a.kind() == b.kind()) return true;
  if (a.kind() == Kind::null_type || b.kind() == Kind::null_type)
    return true;  // an absent value, whatever its type
  return is_number(a) && is_number(b);
}

bool can_be_ordered(const Type& a, const Type& b) noexcept {
  const auto has_order = [](const Type& type) {
    return !type.may_be(Kind::list) && !type.may_be(Kind::map) && !type.may_be(Kind::type) &&
           !type.may_be(Kind::artifact) && type.kind() != Kind::null_type;
  };
  if (a.is_dyn() || b.is_dyn()) return (a.is_dyn() || has_order(a)) && (b.is_dyn() || has_order(b));
  return has_order(a) && has_order(b) && (a.kind() == b.kind() || (is_number(a) && is_number(b)));
}

Mistake no_such_field(const Type& object, std::string_view name, bool suggests) {
  const Type::Naming& naming = object.naming();
  const std::string called = naming.field + " '" + std::string(name) + "'";
  if (!suggests)
    return {0, naming.owner.empty() ? "unknown " + called : naming.owner + " has no " + called, {}};
  std::vector<std::string> known;
  for (const Type::Field& field : object.fields()) known.push_back(field.name);
  if (naming.owner.empty()) return {0, "unknown " + called, suggest(name, known)};
  std::string message = naming.owner + " has no " + called;
  for (std::size_t i = 0; i < known.size(); ++i)
    message += (i == 0 ? "; it has: " : ", ") + known[i];
  if (known.empty()) message += "; it has none";
  const std::string near = nearest(name, known);
  return {0, std::move(message), near.empty() ? "" : "did you mean '" + near + "'?"};
}

}  // namespace weft::expr
