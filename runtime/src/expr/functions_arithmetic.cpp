// SPDX-License-Identifier: Apache-2.0
// + - * / % and the sign. Integers that leave their range are errors.
#include <limits>

#include "expr/functions.hpp"
#include "expr/text_forms.hpp"

namespace weft::expr {
namespace {

constexpr std::int64_t nanos_per_s = 1'000'000'000;
constexpr std::int64_t smallest_int = std::numeric_limits<std::int64_t>::min();

bool overflow(Call& call) {
  return call.fail("integer overflow", "use double(…) where the exact number does not matter");
}

// The three operations that differ only in the compiler's checked primitive.
template <class T, bool (*operation)(T, T, T*)>
bool checked(Call& call, const T* a, const T* b) {
  T number = 0;
  if (operation(*a, *b, &number)) return overflow(call);
  call.out = number;
  return true;
}
template <class T>
bool add_checked(T a, T b, T* out) {
  return __builtin_add_overflow(a, b, out);
}
template <class T>
bool subtract_checked(T a, T b, T* out) {
  return __builtin_sub_overflow(a, b, out);
}
template <class T>
bool multiply_checked(T a, T b, T* out) {
  return __builtin_mul_overflow(a, b, out);
}

template <bool (*operation)(std::int64_t, std::int64_t, std::int64_t*)>
bool on_ints(Call& call) {
  return checked<std::int64_t, operation>(call, call[0].if_int(), call[1].if_int());
}
template <bool (*operation)(std::uint64_t, std::uint64_t, std::uint64_t*)>
bool on_uints(Call& call) {
  return checked<std::uint64_t, operation>(call, call[0].if_uint(), call[1].if_uint());
}

bool divide_ints(Call& call) {
  const std::int64_t a = *call[0].if_int();
  const std::int64_t b = *call[1].if_int();
  if (b == 0) return call.fail("divide by zero");
  if (a == smallest_int && b == -1) return overflow(call);
  call.out = a / b;
  return true;
}
bool modulo_ints(Call& call) {
  const std::int64_t a = *call[0].if_int();
  const std::int64_t b = *call[1].if_int();
  if (b == 0) return call.fail("modulus by zero");
  if (a == smallest_int && b == -1) return overflow(call);
  call.out = a % b;
  return true;
}
bool divide_uints(Call& call) {
  if (*call[1].if_uint() == 0) return call.fail("divide by zero");
  call.out = *call[0].if_uint() / *call[1].if_uint();
  return true;
}
bool modulo_uints(Call& call) {
  if (*call[1].if_uint() == 0) return call.fail("modulus by zero");
  call.out = *call[0].if_uint() % *call[1].if_uint();
  return true;
}

bool add_doubles(Call& call) {
  return call.out = *call[0].if_double() + *call[1].if_double(), true;
}
bool subtract_doubles(Call& call) {
  return call.out = *call[0].if_double() - *call[1].if_double(), true;
}
bool multiply_doubles(Call& call) {
  return call.out = *call[0].if_double() * *call[1].if_double(), true;
}
bool negate_double(Call& call) {
  return call.out = -*call[0].if_double(), true;
}
// IEEE 754: a division by zero is an infinity or NaN. Spelled out, because C++ leaves it undefined.
bool divide_doubles(Call& call) {
  const double a = *call[0].if_double();
  const double b = *call[1].if_double();
  using limits = std::numeric_limits<double>;
  if (b != 0)
    call.out = a / b;
  else if (a == 0 || a != a)
    call.out = limits::quiet_NaN();
  else
    call.out = (a < 0) != __builtin_signbit(b) ? -limits::infinity() : limits::infinity();
  return true;
}
bool negate_int(Call& call) {
  if (*call[0].if_int() == smallest_int) return overflow(call);
  call.out = -*call[0].if_int();
  return true;
}

bool join_strings(Call& call) {
  const std::string& a = *call[0].if_string();
  const std::string& b = *call[1].if_string();
  if (!call.pay_bytes(a.size() + b.size())) return false;
  call.out = a + b;
  return true;
}
bool join_bytes(Call& call) {
  const std::string& a = *call[0].if_bytes();
  const std::string& b = *call[1].if_bytes();
  if (!call.pay_bytes(a.size() + b.size())) return false;
  call.out = Value::bytes(a + b);
  return true;
}
bool join_lists(Call& call) {
  const List& a = *call[0].if_list();
  const List& b = *call[1].if_list();
  if (!call.pay_elements(a.size() + b.size())) return false;
  List list;
  list.reserve(a.size() + b.size());
  list.insert(list.end(), a.begin(), a.end());
  list.insert(list.end(), b.begin(), b.end());
  call.out = std::move(list);
  return true;
}

bool set_timestamp(Call& call, std::int64_t unix_s, std::int64_t nanos) {
  if (nanos < 0) --unix_s, nanos += nanos_per_s;
  if (nanos >= nanos_per_s) ++unix_s, nanos -= nanos_per_s;
  if (unix_s < first_unix_s || unix_s > last_unix_s)
    return call.fail("timestamp out of range: years are 1 to 9999");
  call.out = Instant{unix_s, static_cast<std::int32_t>(nanos)};
  return true;
}
bool move_timestamp(Call& call, const Instant& at, std::int64_t span_ns, int direction) {
  return set_timestamp(call, at.unix_s + direction * (span_ns / nanos_per_s),
                       at.nanos + direction * (span_ns % nanos_per_s));
}
bool timestamp_plus_duration(Call& call) {
  return move_timestamp(call, *call[0].if_timestamp(), call[1].if_duration()->count(), 1);
}
bool duration_plus_timestamp(Call& call) {
  return move_timestamp(call, *call[1].if_timestamp(), call[0].if_duration()->count(), 1);
}
bool timestamp_minus_duration(Call& call) {
  return move_timestamp(call, *call[0].if_timestamp(), call[1].if_duration()->count(), -1);
}

bool duration_range(Call& call) {
  return call.fail("duration out of range: about 292 years either way");
}

bool timestamp_minus_timestamp(Call& call) {
  const Instant& a = *call[0].if_timestamp();
  const Instant& b = *call[1].if_timestamp();
  std::int64_t nanos = 0;
  if (__builtin_mul_overflow(a.unix_s - b.unix_s, nanos_per_s, &nanos) ||
      __builtin_add_overflow(nanos, a.nanos - b.nanos, &nanos))
    return duration_range(call);
  call.out = Span{nanos};
  return true;
}
template <bool (*operation)(std::int64_t, std::int64_t, std::int64_t*)>
bool on_durations(Call& call) {
  std::int64_t nanos = 0;
  if (operation(call[0].if_duration()->count(), call[1].if_duration()->count(), &nanos))
    return duration_range(call);
  call.out = Span{nanos};
  return true;
}

}  // namespace

std::vector<Function> arithmetic_functions() {
  constexpr Kind i = Kind::integer, u = Kind::unsigned_integer, d = Kind::floating;
  constexpr Kind at = Kind::timestamp, span = Kind::duration;
  return {
      {"+",
       false,
       {{{i, i}, i, &on_ints<add_checked>},
        {{u, u}, u, &on_uints<add_checked>},
        {{d, d}, d, &add_doubles},
        {{Kind::string, Kind::string}, Kind::string, &join_strings},
        {{Kind::bytes, Kind::bytes}, Kind::bytes, &join_bytes},
        {{Kind::list, Kind::list}, Kind::list, &join_lists},
        {{at, span}, at, &timestamp_plus_duration},
        {{span, at}, at, &duration_plus_timestamp},
        {{span, span}, span, &on_durations<add_checked>}}},
      {"-",
       false,
       {{{i, i}, i, &on_ints<subtract_checked>},
        {{u, u}, u, &on_uints<subtract_checked>},
        {{d, d}, d, &subtract_doubles},
        {{at, span}, at, &timestamp_minus_duration},
        {{at, at}, span, &timestamp_minus_timestamp},
        {{span, span}, span, &on_durations<subtract_checked>},
        {{i}, i, &negate_int},
        {{d}, d, &negate_double}}},
      {"*",
       false,
       {{{i, i}, i, &on_ints<multiply_checked>},
        {{u, u}, u, &on_uints<multiply_checked>},
        {{d, d}, d, &multiply_doubles}}},
      {"/",
       false,
       {{{i, i}, i, &divide_ints}, {{u, u}, u, &divide_uints}, {{d, d}, d, &divide_doubles}}},
      {"%", false, {{{i, i}, i, &modulo_ints}, {{u, u}, u, &modulo_uints}}},
  };
}

}  // namespace weft::expr
