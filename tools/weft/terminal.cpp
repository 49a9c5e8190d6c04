// SPDX-License-Identifier: Apache-2.0
#include "terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ostream>

#include "text.hpp"

namespace weft::cli {
namespace {

// ECMA-48 control sequences, and DEC private modes 25 (cursor) and 2026 (synchronized output: the
// terminal shows the frame when it is whole; others ignore it).
constexpr std::string_view begin_frame = "\x1b[?2026h";
constexpr std::string_view end_frame = "\x1b[?2026l";
constexpr std::string_view hide_cursor = "\x1b[?25l";
constexpr std::string_view show_cursor = "\x1b[?25h";
constexpr std::string_view erase_to_line_end = "\x1b[K";
constexpr std::string_view erase_below = "\x1b[J";

int rows_of(const std::vector<std::string>& lines, int columns) {
  int rows = 0;
  for (const std::string& line : lines)
    rows += std::max(1, (display_width(line) + columns - 1) / std::max(1, columns));
  return rows;
}

}  // namespace

bool is_terminal(int fd) {
  const char* kind = std::getenv("TERM");
  return isatty(fd) == 1 && kind && std::string_view(kind) != "dumb";
}

TerminalSize terminal_size(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

std::string repaint(const std::vector<std::string>& before, const std::vector<std::string>& after,
                    std::string_view above, int columns) {
  std::string bytes(begin_frame);
  bytes += '\r';
  if (const int up = rows_of(before, columns)) bytes += "\x1b[" + std::to_string(up) + "A";
  const auto add_line = [&bytes](std::string_view line) {
    bytes += line;
    bytes += erase_to_line_end;
    bytes += '\n';
  };
  while (!above.empty()) {
    const std::size_t end = above.find('\n');
    add_line(above.substr(0, end));
    above.remove_prefix(end == above.npos ? above.size() : end + 1);
  }
  for (const std::string& line : after) add_line(line);
  bytes += erase_below;
  bytes += end_frame;
  return bytes;
}

void Screen::print(std::string_view line) {
  const std::lock_guard lock(mutex_);
  if (view_.empty())
    plain_ << line << std::endl;
  else
    paint(view_, std::string(line) + "\n");
}

void Screen::show(std::vector<std::string> view) {
  const std::lock_guard lock(mutex_);
  const bool has_view = !view.empty();
  if (view == view_ && (!has_view || size().columns == drawn_columns_)) return;
  if (view_.empty()) write(hide_cursor);
  paint(std::move(view), {});
  if (!has_view) write(show_cursor);
}

void Screen::paint(std::vector<std::string> view, std::string_view above) {
  drawn_columns_ = size().columns;
  write(repaint(view_, view, above, drawn_columns_));
  view_ = std::move(view);
}

void Screen::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written > 0)
      bytes.remove_prefix(static_cast<std::size_t>(written));
    else if (errno == EAGAIN) {  // somebody made the terminal non-blocking
      pollfd ready{fd_, POLLOUT, 0};
      poll(&ready, 1, 100);
    } else if (errno != EINTR)
      return;  // the terminal is gone; nobody looks any more
  }
}

}  // namespace weft::cli
