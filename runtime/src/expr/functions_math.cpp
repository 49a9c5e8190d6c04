// SPDX-License-Identifier: Apache-2.0
// CEL's math extension.
#include <cmath>
#include <limits>

#include "expr/functions.hpp"

namespace weft::expr {
namespace {

bool is_number(const Value& value) {
  return value.if_int() || value.if_uint() || value.if_double();
}

// The first of the largest (direction 1) or smallest (direction -1) numbers.
bool extreme(Call& call, std::span<const Value* const> candidates, int direction) {
  const Value* best = nullptr;
  for (const Value* candidate : candidates) {
    if (!is_number(*candidate))
      return call.fail("no such overload: " + to_display(*candidate) + " is not a number");
    const auto order = best ? compare(*candidate, *best).value_or(std::partial_ordering::unordered)
                            : std::partial_ordering::unordered;
    if (!best || (direction > 0 ? std::is_gt(order) : std::is_lt(order))) best = candidate;
  }
  if (!best) return call.fail("the list is empty");
  call.out = Value(*best);
  return true;
}
template <int direction>
bool extreme_of_arguments(Call& call) {
  return extreme(call, call.arguments(), direction);
}
template <int direction>
bool extreme_of_list(Call& call) {
  std::vector<const Value*> elements;
  if (!call.pay_elements(call[0].if_list()->size())) return false;
  for (const Value& element : *call[0].if_list()) elements.push_back(&element);
  return extreme(call, elements, direction);
}

template <double (*function)(double)>
bool on_double(Call& call) {
  return call.out = function(*call[0].if_double()), true;
}
double ceiling(double x) {
  return std::ceil(x);
}
double floor_of(double x) {
  return std::floor(x);
}
double rounded(double x) {
  return std::round(x);
}
double truncated(double x) {
  return std::trunc(x);
}
double root(double x) {
  return std::sqrt(x);
}
double magnitude(double x) {
  return std::abs(x);
}
double sign(double x) {
  return std::isnan(x) || x == 0 ? x : x > 0 ? 1.0 : -1.0;
}

bool is_nan(Call& call) {
  return call.out = static_cast<bool>(std::isnan(*call[0].if_double())), true;
}
bool is_infinite(Call& call) {
  return call.out = static_cast<bool>(std::isinf(*call[0].if_double())), true;
}
bool is_finite(Call& call) {
  return call.out = static_cast<bool>(std::isfinite(*call[0].if_double())), true;
}

bool same(Call& call) {
  return call.out = call[0], true;
}
bool magnitude_of_int(Call& call) {
  const std::int64_t number = *call[0].if_int();
  if (number == std::numeric_limits<std::int64_t>::min()) return call.fail("integer overflow");
  call.out = number < 0 ? -number : number;
  return true;
}
bool sign_of_int(Call& call) {
  const std::int64_t number = *call[0].if_int();
  return call.out = (number > 0) - (number < 0), true;
}
bool sign_of_uint(Call& call) {
  return call.out = std::uint64_t{*call[0].if_uint() > 0}, true;
}
bool root_of_int(Call& call) {
  return call.out = std::sqrt(static_cast<double>(*call[0].if_int())), true;
}
bool root_of_uint(Call& call) {
  return call.out = std::sqrt(static_cast<double>(*call[0].if_uint())), true;
}

// Bits are worked on as unsigned and go back to the kind they came in.
std::uint64_t bits(const Value& value) {
  return value.if_uint() ? *value.if_uint() : static_cast<std::uint64_t>(*value.if_int());
}
bool set_bits(Call& call, std::uint64_t pattern) {
  if (call[0].if_uint())
    call.out = pattern;
  else
    call.out = static_cast<std::int64_t>(pattern);
  return true;
}
bool bit_and(Call& call) {
  return set_bits(call, bits(call[0]) & bits(call[1]));
}
bool bit_or(Call& call) {
  return set_bits(call, bits(call[0]) | bits(call[1]));
}
bool bit_xor(Call& call) {
  return set_bits(call, bits(call[0]) ^ bits(call[1]));
}
bool bit_not(Call& call) {
  return set_bits(call, ~bits(call[0]));
}
template <bool left>
bool shift(Call& call) {
  const std::int64_t count = *call[1].if_int();
  if (count < 0) return call.fail("negative offset " + std::to_string(count) + " of a bit shift");
  if (count > 63) return set_bits(call, 0);
  return set_bits(call, left ? bits(call[0]) << count : bits(call[0]) >> count);
}

}  // namespace

std::vector<Function> math_functions() {
  constexpr Kind i = Kind::integer, u = Kind::unsigned_integer, d = Kind::floating,
                 b = Kind::boolean;
  const auto extremes = [](bool (*of_list)(Call&),
                           bool (*of_arguments)(Call&)) -> std::vector<Overload> {
    return {{{Kind::list}, Type::dyn(), of_list}, {{any_kind}, Type::dyn(), of_arguments, true}};
  };
  const auto of_two = [i, u](bool (*run)(Call&)) -> std::vector<Overload> {
    return {{{i, i}, i, run}, {{u, u}, u, run}};
  };
  const auto shifts = [i, u](bool (*run)(Call&)) -> std::vector<Overload> {
    return {{{i, i}, i, run}, {{u, i}, u, run}};
  };
  return {
      {"math.greatest", false, extremes(&extreme_of_list<1>, &extreme_of_arguments<1>)},
      {"math.least", false, extremes(&extreme_of_list<-1>, &extreme_of_arguments<-1>)},
      {"math.ceil", false, {{{d}, d, &on_double<ceiling>}}},
      {"math.floor", false, {{{d}, d, &on_double<floor_of>}}},
      {"math.round", false, {{{d}, d, &on_double<rounded>}}},
      {"math.trunc", false, {{{d}, d, &on_double<truncated>}}},
      {"math.sqrt",
       false,
       {{{d}, d, &on_double<root>}, {{i}, d, &root_of_int}, {{u}, d, &root_of_uint}}},
      {"math.abs",
       false,
       {{{d}, d, &on_double<magnitude>}, {{i}, i, &magnitude_of_int}, {{u}, u, &same}}},
      {"math.sign",
       false,
       {{{d}, d, &on_double<sign>}, {{i}, i, &sign_of_int}, {{u}, u, &sign_of_uint}}},
      {"math.isNaN", false, {{{d}, b, &is_nan}}},
      {"math.isInf", false, {{{d}, b, &is_infinite}}},
      {"math.isFinite", false, {{{d}, b, &is_finite}}},
      {"math.bitAnd", false, of_two(&bit_and)},
      {"math.bitOr", false, of_two(&bit_or)},
      {"math.bitXor", false, of_two(&bit_xor)},
      {"math.bitNot", false, {{{i}, i, &bit_not}, {{u}, u, &bit_not}}},
      {"math.bitShiftLeft", false, shifts(&shift<true>)},
      {"math.bitShiftRight", false, shifts(&shift<false>)},
  };
}

}  // namespace weft::expr
