// SPDX-License-Identifier: Apache-2.0
// The small forms: what is read is written in a form that reads back to the same.
#include <array>
#include <string>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

template <class T>
bool is(const result<T>& read, const T& wanted) {
  return read && *read == wanted;
}

void check_money(std::string_view input) {
  const auto money = Money::parse(input, "USD");
  if (!money) return;
  expect(money->micros >= 0, "an amount is not negative");
  expect(is(Money::parse(money->to_string(), ""), *money), "money reads back to the same");
}

void check_duration(std::string_view input) {
  const auto span = parse_duration(input);
  if (!span) return;
  expect(span->count() >= 0, "a duration is not negative");
  expect(is(parse_duration(to_string(*span)), *span), "a duration reads back to the same");
  constexpr Timestamp now = from_unix_ms(1'800'000'000'000);
  expect(!to_string(now + *span).empty(), "a moment that far away has a text");
}

void check_names(std::string_view input) {
  if (const auto id = Uuid::parse(input))
    expect(is(Uuid::parse(id->to_string()), *id), "a UUID reads back to the same");
  if (const auto digest = Digest::parse(input))
    expect(is(Digest::parse(digest->to_string()), *digest), "a digest that was read reads back");
  expect(is(Digest::parse(digest_of(input).to_string()), digest_of(input)),
         "a digest reads back to the same");
}

void check_excerpt(std::string_view input) {
  for (const std::size_t limit : {std::size_t{0}, std::size_t{7}, std::size_t{200}}) {
    const std::string text = excerpt(input, limit);
    expect(is_utf8(text), "an excerpt is UTF-8");
    // A byte that is no character becomes U+FFFD, which has three.
    expect(text.size() <= 3 * limit + 3, "an excerpt is short");
    for (const char c : text)
      expect(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t',
             "an excerpt is safe on a terminal");
  }
  static const std::array<std::string, 4> words{"image.generate", "image.edit", "", "video"};
  const std::string near = nearest(input.substr(0, 100), words);
  expect(near.empty() || near != words[2], "what is near is a candidate");
  expect(!suggest(input.substr(0, 100), words).empty(), "there is always a suggestion");
}

}  // namespace

void units(std::string_view input) {
  check_money(input);
  check_duration(input);
  if (const auto size = parse_size(input))
    expect(!size_to_string(*size).empty(), "a size has a text");
  check_names(input);
  check_excerpt(input);
}

}  // namespace weft::fuzz
