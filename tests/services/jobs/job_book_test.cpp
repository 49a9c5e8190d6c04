// SPDX-License-Identifier: Apache-2.0
#include "job_book.hpp"

#include "catch.hpp"

using namespace weft;
using namespace weft::jobs;

namespace {

constexpr Timestamp start = from_unix_ms(1'000'000);

Timestamp after(int ms) {
  return start + Duration(ms);
}

Behaviour behaviour_of(std::string_view text) {
  return parse_behaviour(parse_json(text).value()).value();
}

}  // namespace

TEST_CASE("a job runs for its delay and shows its progress") {
  JobBook book;
  const auto job =
      book.submit("k", "image.generate", behaviour_of(R"({"delay_ms":200})"), start).job;
  CHECK(state_of(job, start) == JobState::running);
  CHECK(describe(job, after(50)).at("progress") == json::value(250));
  CHECK(state_of(job, after(199)) == JobState::running);
  CHECK(state_of(job, after(200)) == JobState::succeeded);
}

TEST_CASE("a job may take a number of polls instead of time") {
  JobBook book;
  const auto id = book.submit("k", "", behaviour_of(R"({"polls":2,"delay_ms":1})"), start).job.id;
  CHECK(state_of(*book.poll(id), after(1000)) == JobState::running);
  CHECK(state_of(*book.poll(id), after(1000)) == JobState::succeeded);
}

TEST_CASE("a failing job says its class, a hanging one never ends") {
  JobBook book;
  const auto bad = book.submit("a", "", behaviour_of(R"({"fail":"refused"})"), start).job;
  CHECK(state_of(bad, start) == JobState::failed);
  CHECK(describe(bad, start).at("error").at("class") == json::value("refused"));
  const auto hangs = book.submit("b", "", behaviour_of(R"({"hang":true})"), start).job;
  CHECK(state_of(hangs, after(1'000'000'000)) == JobState::running);
}

TEST_CASE("a known key is billed once, unless the service is ordered to be careless") {
  JobBook book;
  const auto first = book.submit("k", "x", behaviour_of(R"({"cost_micros":7})"), start);
  const auto again = book.submit("k", "x", behaviour_of(R"({"cost_micros":7})"), start);
  CHECK(again.job.id == first.job.id);
  CHECK_FALSE(again.bill.has_value());
  const auto careless =
      book.submit("k", "x", behaviour_of(R"({"cost_micros":7,"idempotent":false})"), start);
  CHECK(careless.job.id != first.job.id);
  CHECK(book.find("k", start).size() == 2);
  CHECK(book.stats().at("by_key").at("k") == json::value(2));
  CHECK(book.stats().at("billed_micros") == json::value(14));
}

TEST_CASE("a cancelled job stays so, and one that has ended cannot be cancelled") {
  JobBook book;
  const auto id = book.submit("k", "", behaviour_of(R"({"delay_ms":100})"), start).job.id;
  CHECK(book.cancel(id, after(10)) == JobState::cancelled);
  CHECK(state_of(*book.poll(id), after(1000)) == JobState::cancelled);
  const auto done = book.submit("l", "", {}, start).job.id;
  CHECK(book.cancel(done, after(10)) == JobState::succeeded);
  CHECK(book.cancel("job-99", after(10)) == std::nullopt);
  CHECK(book.stats().at("cancels") == json::value(3));
}

TEST_CASE("a restart forgets the jobs but not what they cost, and ids go on") {
  JobBook book;
  const auto id = book.submit("k", "", behaviour_of(R"({"cost_micros":3})"), start).job.id;
  book.restart();
  CHECK(book.poll(id) == nullptr);
  CHECK(book.find("k", start).empty());
  CHECK(book.stats().at("billed_micros") == json::value(3));
  CHECK(book.submit("k", "", {}, start).job.id != id);
}

TEST_CASE("a behaviour that is misspelt is refused with what was meant") {
  const auto misspelt = parse_behaviour(parse_json(R"({"delay":5})").value());
  REQUIRE(misspelt.has_error());
  CHECK_THAT(misspelt.error().to_string(), Catch::Matchers::Contains("delay_ms"));
  for (const char* text : {R"({"delay_ms":-1})", R"({"answer":"maybe"})", R"({"reject":200})",
                           R"({"forget":1})", R"({"result":[]})", "[]"}) {
    CAPTURE(text);
    CHECK(parse_behaviour(parse_json(text).value()).has_error());
  }
}
