// SPDX-License-Identifier: Apache-2.0
// Texts as a terminal shows them: widths in columns, spans and moments for people.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace weft::cli {

// Columns that UTF-8 text takes on a terminal: wide characters two, combining ones none, colour
// sequences (SGR) none.
int display_width(std::string_view text);
// `text` (without colour sequences) in at most `columns`; what is cut off is replaced by "…".
std::string fit(std::string_view text, int columns);
// `text` filled up with spaces to `columns`; a longer one stays as it is.
std::string pad_right(std::string text, int columns);
std::string pad_left(std::string text, int columns);
// Foreign text on one line: control characters and runs of white space become one space.
std::string one_line(std::string_view text);

// `text` as one word of a shell command, in quotes where it needs them.
std::string shell_word(std::string_view text);

// "0.4s", "12s", "2m 5s", "3h 4m", "2d 5h".
std::string human_duration(Duration span);
// Of processors: "40ms", "1.5s"; "" for none.
std::string human_cpu(std::int64_t ms);
// "812 KiB", "34 MiB", "1.5 GiB"; "" for none.
std::string human_size(std::uint64_t bytes);
// In the local time zone: "15:27:37" and "2026-11-21 15:27".
std::string clock_time(Timestamp at);
std::string date_time(Timestamp at);
// The beginning of an artifact's digest that people see and commands take: 64 bits.
std::string short_digest(std::string_view digest);
std::string joined(const std::vector<std::string>& words, std::string_view between);
// "1 task", "3 tasks".
std::string count_of(std::size_t count, std::string_view singular);

// What a text means to its reader; a colour when `color` is on.
enum class Tone { plain, strong, faint, good, bad, careful, busy };
std::string paint(std::string_view text, Tone tone, bool color);
// The tone of a state of a run or a task.
Tone tone_of(std::string_view state);

}  // namespace weft::cli
