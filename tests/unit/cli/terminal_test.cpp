// SPDX-License-Identifier: Apache-2.0
#include "terminal.hpp"

#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sstream>

#include "catch.hpp"

using namespace weft::cli;

namespace {

using Lines = std::vector<std::string>;

// A terminal of our own: what is written to `slave` can be read from `master`.
struct Pty {
  Pty(unsigned short columns, unsigned short rows) {
    winsize size{};
    size.ws_col = columns;
    size.ws_row = rows;
    REQUIRE(openpty(&master, &slave, nullptr, nullptr, &size) == 0);
  }
  ~Pty() {
    close(master);
    close(slave);
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;

  // Everything written since the last call. The kernel passes it on in its own time, in order: a
  // mark behind it tells that all of it has come.
  std::string read() const {
    constexpr std::string_view mark = "\x03 end";
    REQUIRE(write(slave, mark.data(), mark.size()) == static_cast<ssize_t>(mark.size()));
    std::string text;
    while (!text.ends_with(mark)) {
      char part[256];
      const ssize_t got = ::read(master, part, sizeof part);
      REQUIRE(got > 0);
      text.append(part, static_cast<std::size_t>(got));
    }
    return text.substr(0, text.size() - mark.size());
  }

  int master = -1;
  int slave = -1;
};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++times;
  return times;
}

}  // namespace

TEST_CASE("a frame is drawn over the last one without clearing the terminal") {
  CHECK(repaint({}, {"one", "two"}, "", 80) ==
        "\x1b[?2026h\rone\x1b[K\ntwo\x1b[K\n\x1b[J\x1b[?2026l");
  CHECK(repaint({"one", "two"}, {"three"}, "", 80) ==
        "\x1b[?2026h\r\x1b[2Athree\x1b[K\n\x1b[J\x1b[?2026l");
}

TEST_CASE("lines that scroll are put above the view") {
  CHECK(repaint({"view"}, {"view"}, "a log line\nanother\n", 80) ==
        "\x1b[?2026h\r\x1b[1Aa log line\x1b[K\nanother\x1b[K\nview\x1b[K\n\x1b[J\x1b[?2026l");
}

TEST_CASE("a view that a narrower terminal has wrapped is erased whole") {
  const Lines drawn{std::string(60, 'x'), "short"};
  CHECK(repaint(drawn, {}, "", 60).find("\x1b[2A") != std::string::npos);
  CHECK(repaint(drawn, {}, "", 25).find("\x1b[4A") != std::string::npos);
}

TEST_CASE("the cursor is hidden while there is a view and shown after it") {
  const Pty pty(80, 24);
  std::ostringstream plain;
  {
    Screen screen(plain, pty.slave);
    screen.show({"one"});
    screen.show({"two"});
    const std::string drawn = pty.read();
    CHECK(count(drawn, "\x1b[?25l") == 1);
    CHECK(count(drawn, "\x1b[?25h") == 0);
  }
  CHECK(count(pty.read(), "\x1b[?25h") == 1);
}

TEST_CASE("an empty view leaves the cursor as it was") {
  const Pty pty(80, 24);
  std::ostringstream plain;
  Screen screen(plain, pty.slave);
  screen.show({});
  screen.clear();
  CHECK(pty.read().empty());
}

TEST_CASE("a view that did not change is not drawn again, unless the terminal did") {
  const Pty pty(80, 24);
  std::ostringstream plain;
  Screen screen(plain, pty.slave);
  screen.show({"one"});
  CHECK_FALSE(pty.read().empty());
  screen.show({"one"});
  CHECK(pty.read().empty());
  winsize narrow{};
  narrow.ws_col = 40;
  narrow.ws_row = 24;
  ioctl(pty.master, TIOCSWINSZ, &narrow);
  CHECK(screen.size().columns == 40);
  screen.show({"one"});
  CHECK_FALSE(pty.read().empty());
}

TEST_CASE("a line printed while there is a view goes above it, else it is an ordinary line") {
  const Pty pty(80, 24);
  std::ostringstream plain;
  Screen screen(plain, pty.slave);
  screen.print("before");
  CHECK(plain.str() == "before\n");
  screen.show({"view"});
  pty.read();
  screen.print("during");
  CHECK(plain.str() == "before\n");
  CHECK(pty.read().find("during\x1b[K") != std::string::npos);
}

TEST_CASE("a terminal that knows no size is taken for an ordinary one") {
  CHECK(terminal_size(-1).columns == 80);
  CHECK(terminal_size(-1).rows == 24);
  CHECK_FALSE(is_terminal(-1));
}
