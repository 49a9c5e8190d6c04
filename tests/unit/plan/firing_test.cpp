// SPDX-License-Identifier: Apache-2.0
#include "plan/firing.hpp"

#include <set>

#include "catch.hpp"

using namespace weft;
using namespace std::chrono_literals;

namespace {

// 2026-11-30T12:00:00Z.
const Timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 30} + 12h};

Schedule every_hour(const std::string& more = {}) {
  return read_written_schedule(
             "hourly",
             parse_json(R"({"pipeline": "/p.toml", "cron": "0 * * * *")" + more + "}").value())
      .value();
}

using Times = std::vector<Timestamp>;

}  // namespace

TEST_CASE("a time is due once it has come, and not again once it is decided") {
  const Schedule schedule = every_hour();
  CHECK(due_times(schedule, noon - 10min, noon - 1ms).times.empty());
  const Due due = due_times(schedule, noon - 10min, noon + 5s);
  CHECK(due.times == Times{noon});
  CHECK(due.considered == noon);
  CHECK(due_times(schedule, due.considered, noon + 10s).times.empty());
}

TEST_CASE("times that passed while nobody was there are made up for as the schedule says") {
  const Timestamp back = noon + 30min, gone = noon - 5h - 30min;  // 7 … 12 o'clock passed
  const Due once = due_times(every_hour(), gone, back);
  CHECK(once.times == Times{noon});
  CHECK(once.missed.count == 5);
  CHECK(once.missed.first == noon - 5h);
  CHECK(once.missed.last == noon - 1h);

  const Due all = due_times(every_hour(R"(, "missed": "all")"), gone, back);
  CHECK(all.times == Times{noon - 5h, noon - 4h, noon - 3h, noon - 2h, noon - 1h, noon});
  CHECK(all.missed.count == 0);

  const Due none = due_times(every_hour(R"(, "missed": "skip")"), gone, back);
  CHECK(none.times.empty());
  CHECK(none.missed.count == 6);
}

TEST_CASE("one that is on time makes up for those before it") {
  const Due due = due_times(every_hour(), noon - 2h - 30min, noon + 5s);
  CHECK(due.times == Times{noon});
  CHECK(due.missed.count == 2);
  const Due skip = due_times(every_hour(R"(, "missed": "skip")"), noon - 90min, noon + 5s);
  CHECK(skip.times == Times{noon});
}

TEST_CASE("what is older than the window is never made up for") {
  const Due due = due_times(every_hour(R"(, "missed": "all", "missed_window": "2h")"), noon - 1000h,
                            noon + 30min);
  CHECK(due.times == Times{noon - 1h, noon});
}

TEST_CASE("a schedule with one time comes once") {
  const Schedule schedule =
      read_written_schedule(
          "xmas", {{"pipeline", "/p.toml"}, {"at", "2026-12-24T18:00"}, {"zone", "Europe/Berlin"}})
          .value();
  const Timestamp at{std::chrono::sys_days{std::chrono::year{2026} / 12 / 24} + 17h};
  CHECK(next_time(schedule, noon) == at);
  CHECK_FALSE(next_time(schedule, at));
  CHECK(due_times(schedule, noon, at + 1s).times == Times{at});
  CHECK(due_times(schedule, at, at + 10h).times.empty());
}

TEST_CASE("jitter spreads times, and is always the same for one of them") {
  const Schedule schedule = every_hour(R"(, "jitter": "10m")");
  std::set<Duration> spread;
  for (int hour = 0; hour < 24; ++hour) {
    const Duration jitter = jitter_of(schedule, noon + hour * 1h);
    CHECK(jitter >= Duration{0});
    CHECK(jitter < 10min);
    CHECK(jitter == jitter_of(schedule, noon + hour * 1h));
    spread.insert(jitter);
  }
  CHECK(spread.size() > 12);
  const Timestamp later = noon + jitter_of(schedule, noon);
  CHECK(due_times(schedule, noon - 10min, later - 1ms).times.empty());
  CHECK(due_times(schedule, noon - 10min, later).times == Times{noon});
}

TEST_CASE("one that is due meets those that go on as the policy says") {
  using Answer = Meeting::Answer;
  struct Row {
    Overlap overlap;
    std::size_t running, waiting;
    Answer answer;
    bool cancels;
  };
  for (const Row& row : std::vector<Row>{
           {Overlap::skip, 0, 0, Answer::start, false},
           {Overlap::skip, 1, 0, Answer::skip, false},
           {Overlap::queue, 1, 0, Answer::wait, false},
           {Overlap::queue, 1, 1, Answer::skip, false},
           {Overlap::queue_all, 0, 0, Answer::start, false},
           {Overlap::queue_all, 1, 7, Answer::wait, false},
           {Overlap::queue_all, 0, 1, Answer::wait, false},
           {Overlap::cancel_other, 2, 0, Answer::start, true},
           {Overlap::allow, 5, 5, Answer::start, false},
       }) {
    INFO(to_string(row.overlap) << " " << row.running << " " << row.waiting);
    const Meeting meeting = meet(row.overlap, row.running, row.waiting);
    CHECK(meeting.answer == row.answer);
    CHECK(meeting.cancel_others == row.cancels);
    CHECK(meeting.reason.empty() == (row.answer != Answer::skip));
  }
}

TEST_CASE("a cause has one run, and others have others") {
  const RunId run = run_of_firing("nightly", "time x", noon);
  CHECK(run == run_of_firing("nightly", "time x", noon));
  CHECK(run != run_of_firing("nightly", "time y", noon));
  CHECK(run != run_of_firing("other", "time x", noon));
}
