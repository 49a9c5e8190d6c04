// SPDX-License-Identifier: Apache-2.0
#include "shell/preview_board.hpp"

#include <thread>

#include "catch.hpp"

using namespace weft;
using namespace weft::shell;
using namespace std::chrono_literals;

namespace {

const RunId film{Uuid::from_bytes({1})}, other{Uuid::from_bytes({2})};

std::vector<std::string> taken(PreviewBoard::Watch& watch) {
  std::vector<std::string> texts;
  for (const Frame& frame : watch.take(0ms))
    texts.push_back(std::to_string(frame.attempt.task) + " " + *frame.bytes);
  return texts;
}

}  // namespace

TEST_CASE("who looks gets the newest preview of each task of the run, once") {
  PreviewBoard board;
  PreviewBoard::Watch watch(board, film), second(board, film);
  board.show({film, 1, 1}, "image/jpeg", "old");
  board.show({film, 1, 2}, "image/jpeg", "new");
  board.show({film, 2, 1}, "image/png", "two");
  board.show({other, 1, 1}, "image/png", "other's");
  CHECK(taken(watch) == std::vector<std::string>{"1 new", "2 two"});
  CHECK(taken(watch).empty());
  CHECK(taken(second).size() == 2);
}

TEST_CASE("previews are wanted of what somebody looks at, as long as he does") {
  PreviewBoard board;
  CHECK_FALSE(board.is_wanted({film, 1, 1}));
  {
    const PreviewBoard::Watch watch(board, film);
    CHECK(board.is_wanted({film, 1, 1}));
    CHECK_FALSE(board.is_wanted({other, 1, 1}));
  }
  CHECK_FALSE(board.is_wanted({film, 1, 1}));
}

TEST_CASE("who does not take what comes keeps no more than the newest of a few tasks") {
  PreviewBoard board;
  PreviewBoard::Watch watch(board, film);
  for (TaskNo task = 0; task < 1000; ++task) board.show({film, task, 1}, "image/png", "x");
  const auto frames = watch.take(0ms);
  CHECK(frames.size() == 64);
  CHECK(frames.back().attempt.task == 999);
}

TEST_CASE("who waits is told when something comes") {
  PreviewBoard board;
  PreviewBoard::Watch watch(board, film);
  const std::jthread shows([&] { board.show({film, 1, 1}, "image/png", "x"); });
  CHECK(watch.take(10s).size() == 1);
}
