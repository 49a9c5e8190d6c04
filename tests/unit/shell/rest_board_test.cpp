// SPDX-License-Identifier: Apache-2.0
#include "shell/rest_board.hpp"

#include <future>

#include "catch.hpp"

using namespace weft;
using namespace weft::shell;

namespace {

constexpr std::chrono::milliseconds at_once{0};
constexpr std::chrono::minutes for_ever{10};

RunId run_id(std::uint8_t number) {
  return {Uuid::v4({number})};
}

// Whether somebody in this seat would have gone on by now.
bool is_told(RestBoard::Seat& seat) {
  return seat.wait(at_once);
}

}  // namespace

TEST_CASE("who waits for a run to rest is told of that run alone") {
  RestBoard board;
  RestBoard::Seat first(board, run_id(1)), also_first(board, run_id(1)), second(board, run_id(2));
  board.tell(run_id(1));
  CHECK(is_told(first));
  CHECK(is_told(also_first));
  CHECK_FALSE(is_told(second));
  CHECK_FALSE(is_told(first));  // each time once
}

TEST_CASE("when any run may have come to rest everybody is told") {
  RestBoard board;
  RestBoard::Seat first(board, run_id(1)), second(board, run_id(2));
  board.tell(std::nullopt);
  CHECK(is_told(first));
  CHECK(is_told(second));
}

TEST_CASE("who waits is woken") {
  RestBoard board;
  RestBoard::Seat seat(board, run_id(1));
  auto woken = std::async(std::launch::async, [&] { return seat.wait(for_ever); });
  board.tell(run_id(1));
  CHECK(woken.get());
}

TEST_CASE("a seat that was left is told nothing") {
  RestBoard board;
  RestBoard::Seat stays(board, run_id(1));
  { const RestBoard::Seat left(board, run_id(1)); }
  board.tell(run_id(1));
  CHECK(is_told(stays));
}
