// SPDX-License-Identifier: Apache-2.0
// The terminal: lines that scroll, and below them lines that are replaced in place.
#pragma once
#include <iosfwd>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weft::cli {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

// Is it a terminal that understands cursor movements?
bool is_terminal(int fd);
// As the kernel knows it now; 80 × 24 when it does not.
TerminalSize terminal_size(int fd);

// The bytes that put `above` (whole lines, each with a newline; may be "") where the lines `before`
// stand and draw `after` below it. The cursor stands at the start of the line below the drawn ones,
// before and after. `columns` is the width now: a terminal that was made narrower has wrapped
// `before` onto more rows, which are counted and erased.
std::string repaint(const std::vector<std::string>& before, const std::vector<std::string>& after,
                    std::string_view above, int columns);

// Standard error as progress and log lines see it. Every function may be called by any thread.
class Screen {
 public:
  // `fd` -1: no terminal; lines then go to `plain`. Both must outlive the screen.
  Screen(std::ostream& plain, int fd) : plain_(plain), fd_(fd) {}
  ~Screen() { clear(); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  bool is_terminal() const { return fd_ >= 0; }
  TerminalSize size() const { return terminal_size(fd_); }
  // One whole line, without its newline: above the view when there is one.
  void print(std::string_view line);
  // Replaces the view, in one write; nothing is written when it is the same as before. Hides the
  // cursor. Not to be called when there is no terminal.
  void show(std::vector<std::string> view);
  // Takes the view away and shows the cursor again.
  void clear() { show({}); }

 private:
  void paint(std::vector<std::string> view, std::string_view above);
  void write(std::string_view bytes);
  std::ostream& plain_;
  const int fd_;
  std::mutex mutex_;
  std::vector<std::string> view_;  // as drawn
  int drawn_columns_ = 0;          // the width it was drawn for
};

}  // namespace weft::cli
