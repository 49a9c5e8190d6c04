// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include <locale.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <cwchar>

namespace weft::cli {
namespace {

// Widths and decoding are libc's; it answers for the locale of the calling thread, which need not
// be UTF-8, so each question is asked under one that is.
class Utf8Scope {
 public:
  Utf8Scope() : before_(utf8() ? uselocale(utf8()) : locale_t{}) {}
  ~Utf8Scope() {
    if (before_) uselocale(before_);
  }
  Utf8Scope(const Utf8Scope&) = delete;
  Utf8Scope& operator=(const Utf8Scope&) = delete;

 private:
  static locale_t utf8() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{});
    return locale;
  }
  locale_t before_;
};

struct Glyph {
  std::size_t bytes = 1;
  int columns = 1;
};

// The length of the SGR sequence at the start of `text`; 0 if none starts there.
std::size_t color_sequence(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

Glyph first_glyph(std::string_view text) {
  if (const std::size_t bytes = color_sequence(text)) return {bytes, 0};
  wchar_t character = 0;
  std::mbstate_t state{};
  const std::size_t bytes = std::mbrtowc(&character, text.data(), text.size(), &state);
  if (bytes == 0 || bytes > text.size()) return {};  // NUL, or not UTF-8: drawn as one cell
  return {bytes, std::max(0, wcwidth(character))};
}

std::string local_time(Timestamp at, const char* format) {
  const std::time_t seconds =
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, format, &parts));
}

}  // namespace

int display_width(std::string_view text) {
  const Utf8Scope scope;
  int columns = 0;
  while (!text.empty()) {
    const Glyph glyph = first_glyph(text);
    columns += glyph.columns;
    text.remove_prefix(glyph.bytes);
  }
  return columns;
}

std::string fit(std::string_view text, int columns) {
  if (columns <= 0) return {};
  if (display_width(text) <= columns) return std::string(text);
  const Utf8Scope scope;
  std::size_t end = 0;
  for (int used = 0; end < text.size();) {
    const Glyph glyph = first_glyph(text.substr(end));
    if (used + glyph.columns > columns - 1) break;
    used += glyph.columns;
    end += glyph.bytes;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string pad_right(std::string text, int columns) {
  const int missing = columns - display_width(text);
  if (missing > 0) text.append(static_cast<std::size_t>(missing), ' ');
  return text;
}

std::string pad_left(std::string text, int columns) {
  const int missing = columns - display_width(text);
  if (missing > 0) text.insert(0, static_cast<std::size_t>(missing), ' ');
  return text;
}

std::string one_line(std::string_view text) {
  std::string line;
  bool gap = false;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code <= 0x20 || code == 0x7f) {
      gap = !line.empty();
      continue;
    }
    if (gap) line += ' ';
    gap = false;
    line += byte;
  }
  return line;
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";
  if (!text.empty() && text.front() != '-' && text.find_first_not_of(plain) == text.npos)
    return std::string(text);
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string human_duration(Duration span) {
  const long long ms = std::max<long long>(0, span.count());
  const long long seconds = ms / 1000;
  const auto pair = [](long long big, const char* unit, long long small, const char* small_unit) {
    const std::string text = std::to_string(big) + unit;
    return small == 0 ? text : text + " " + std::to_string(small) + small_unit;
  };
  if (ms < 10'000 && ms % 1000 != 0) {
    char text[16];
    const int size = std::snprintf(text, sizeof text, "%lld.%llds", seconds, ms % 1000 / 100);
    return std::string(text, static_cast<std::size_t>(size));
  }
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return pair(seconds / 60, "m", seconds % 60, "s");
  if (seconds < 86400) return pair(seconds / 3600, "h", seconds % 3600 / 60, "m");
  return pair(seconds / 86400, "d", seconds % 86400 / 3600, "h");
}

std::string human_cpu(std::int64_t ms) {
  if (ms <= 0) return "";
  return ms < 1000 ? std::to_string(ms) + "ms" : human_duration(Duration(ms));
}

std::string human_size(std::uint64_t bytes) {
  constexpr std::uint64_t kib = 1024, mib = kib * 1024, gib = mib * 1024;
  if (bytes == 0) return "";
  if (bytes < mib) return std::to_string((bytes + kib - 1) / kib) + " KiB";
  if (bytes < gib) return std::to_string(bytes / mib) + " MiB";
  const std::uint64_t tenths = bytes * 10 / gib;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GiB";
}

std::string clock_time(Timestamp at) {
  return local_time(at, "%H:%M:%S");
}

std::string date_time(Timestamp at) {
  return local_time(at, "%Y-%m-%d %H:%M");
}

std::string short_digest(std::string_view digest) {
  return std::string(digest.substr(0, 16));
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

std::string count_of(std::size_t count, std::string_view singular) {
  return std::to_string(count) + " " + std::string(singular) + (count == 1 ? "" : "s");
}

std::string paint(std::string_view text, Tone tone, bool color) {
  if (!color || tone == Tone::plain || text.empty()) return std::string(text);
  const char* code = "";
  switch (tone) {
    case Tone::plain:
      break;
    case Tone::strong:
      code = "1";
      break;
    case Tone::faint:
      code = "2";
      break;
    case Tone::good:
      code = "32";
      break;
    case Tone::bad:
      code = "31";
      break;
    case Tone::careful:
      code = "33";
      break;
    case Tone::busy:
      code = "36";
      break;
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

Tone tone_of(std::string_view state) {
  if (state == "succeeded") return Tone::good;
  if (state == "failed") return Tone::bad;
  if (state == "running" || state == "active") return Tone::busy;
  if (state == "waiting" || state == "paused" || state == "degraded" || state == "unattended")
    return Tone::careful;
  if (state == "pending" || state == "skipped" || state == "cancelled") return Tone::faint;
  return Tone::plain;
}

}  // namespace weft::cli
