// SPDX-License-Identifier: Apache-2.0
#include "model/cron.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

#include "base/text.hpp"

namespace weft {
namespace {

using std::chrono::local_days;
using std::chrono::minutes;

struct Field {
  const char* name;
  int first;
  int last;
  std::span<const std::string_view> words;  // of the numbers from `first`
};

constexpr std::array<std::string_view, 12> month_words{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_words{"sun", "mon", "tue", "wed",
                                                        "thu", "fri", "sat"};
constexpr std::array<Field, 5> fields{{{"minute", 0, 59, {}},
                                       {"hour", 0, 23, {}},
                                       {"day of month", 1, 31, {}},
                                       {"month", 1, 12, month_words},
                                       {"day of week", 0, 7, weekday_words}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> shorthands{
    {{"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"},
     {"@monthly", "0 0 1 * *"},
     {"@weekly", "0 0 * * 0"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@hourly", "0 * * * *"}}};

// The longest that any day is away: 29 February of a weekday, over a century without a leap day.
constexpr int years_at_most = 44;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words = split(text, ' ');
  std::erase(words, "");
  return words;
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return small;
}

Error wrong(const Field& field, std::string_view part) {
  return invalid("'" + excerpt(part, 40) + "' is no " + field.name,
                 "write numbers from " + std::to_string(field.first) + " to " +
                     std::to_string(field.last) + (field.words.empty() ? "" : ", names") +
                     ", ranges 1-5, steps */2, lists 1,3 or *");
}

std::optional<int> number_in(const Field& field, std::string_view part) {
  const auto word = std::ranges::find(field.words, lower(part));
  if (word != field.words.end()) return field.first + static_cast<int>(word - field.words.begin());
  int number = -1;
  const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), number);
  const bool whole = failed == std::errc{} && end == part.data() + part.size();
  if (!whole || number < field.first || number > field.last) return std::nullopt;
  return number;
}

// Calls `take` with each number that the field names.
template <class Take>
result<> read_field(const Field& field, std::string_view text, const Take& take) {
  for (const std::string& part : split(text, ',')) {
    const std::vector<std::string> halves = split(part, '/');
    const std::vector<std::string> ends = split(halves[0], '-');
    int step = 1;
    if (halves.size() > 2 || ends.size() > 2) return wrong(field, part);
    if (halves.size() == 2) {
      const auto [end, failed] =
          std::from_chars(halves[1].data(), halves[1].data() + halves[1].size(), step);
      if (failed != std::errc{} || end != halves[1].data() + halves[1].size() || step < 1)
        return wrong(field, part);
    }
    std::optional<int> first = field.first, last = field.last;
    if (halves[0] != "*") {
      first = number_in(field, ends[0]);
      last = ends.size() == 2     ? number_in(field, ends[1])
             : halves.size() == 2 ? std::optional(field.last)
                                  : first;
    }
    if (!first || !last || *first > *last) return wrong(field, part);
    for (int number = *first; number <= *last; number += step) take(static_cast<unsigned>(number));
  }
  return {};
}

}  // namespace

result<Cron> Cron::parse(std::string_view text) {
  for (const auto& [word, meaning] : shorthands)
    if (lower(text) == word) return parse(meaning);
  const std::vector<std::string> words = words_of(text);
  if (words.size() != fields.size())
    return invalid("'" + excerpt(text, 60) + "' has not the five fields of cron",
                   "write minute, hour, day of month, month and day of week: \"30 3 * * mon-fri\", "
                   "or @daily");
  Cron cron;
  const auto set = [](auto& bits) { return [&bits](unsigned number) { bits.set(number); }; };
  const auto weekday = [&](unsigned number) { cron.weekdays_.set(number % 7); };
  if (auto read = read_field(fields[0], words[0], set(cron.minutes_)); !read) return read.error();
  if (auto read = read_field(fields[1], words[1], set(cron.hours_)); !read) return read.error();
  if (auto read = read_field(fields[2], words[2], set(cron.days_)); !read) return read.error();
  if (auto read = read_field(fields[3], words[3], set(cron.months_)); !read) return read.error();
  if (auto read = read_field(fields[4], words[4], weekday); !read) return read.error();
  cron.any_day_ = words[2].starts_with('*');
  cron.any_weekday_ = words[4].starts_with('*');
  const LocalTime start = local_days{std::chrono::year{2000} / 1 / 1};
  if (cron.next_shown(start) == LocalTime::max())
    return invalid("'" + excerpt(text, 60) + "' never comes", "no month has such a day");
  return cron;
}

bool Cron::has_day(local_days day) const {
  const std::chrono::year_month_day date{day};
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool of_month = days_.test(static_cast<unsigned>(date.day()));
  const bool of_week = weekdays_.test(std::chrono::weekday{day}.c_encoding());
  // A field that begins with a star does not restrict by itself: "*/2" does, beside the other one.
  return any_day_ || any_weekday_ ? of_month && of_week : of_month || of_week;
}

// LocalTime::max(): there is none.
LocalTime Cron::next_shown(LocalTime after) const {
  const LocalTime first = after + minutes{1};
  const auto first_day = std::chrono::floor<std::chrono::days>(first);
  const auto last_day = first_day + std::chrono::days{366 * years_at_most};
  for (auto day = first_day; day < last_day; day += std::chrono::days{1}) {
    if (!has_day(day)) continue;
    for (unsigned hour = 0; hour < hours_.size(); ++hour) {
      if (!hours_.test(hour)) continue;
      for (unsigned minute = 0; minute < minutes_.size(); ++minute) {
        const LocalTime shown = day + std::chrono::hours{hour} + minutes{minute};
        if (minutes_.test(minute) && shown >= first) return shown;
      }
    }
  }
  return LocalTime::max();
}

Timestamp Cron::next_of_every_hour(Timestamp after, const TimeZone& zone) const {
  Timestamp at = std::chrono::floor<minutes>(after) + minutes{1};
  for (;;) {
    const LocalTime shown = zone.local(at);
    const auto day = std::chrono::floor<std::chrono::days>(shown);
    if (!has_day(day)) {
      const LocalTime next = next_shown(day + std::chrono::days{1} - minutes{1});
      at = std::max(Timestamp(at + minutes{1}),
                    zone.moment(std::chrono::floor<std::chrono::days>(next)));
      continue;
    }
    const auto minute = static_cast<std::size_t>((shown - day).count() % 60);
    if (minutes_.test(minute)) return at;
    at += minutes{1};
  }
}

Timestamp Cron::next(Timestamp after, const TimeZone& zone) const {
  if (hours_.all()) return next_of_every_hour(after, zone);
  LocalTime shown = zone.local(after);
  for (;;) {
    shown = next_shown(shown);
    if (const Timestamp at = zone.moment(shown); at > after) return at;
  }
}

}  // namespace weft
