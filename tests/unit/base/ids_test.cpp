// SPDX-License-Identifier: Apache-2.0
#include "base/ids.hpp"

#include <unordered_set>

#include "print_result.hpp"

using namespace weft;

namespace {

constexpr std::array<std::uint8_t, 10> all_zero{};
constexpr std::array<std::uint8_t, 10> all_one{255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

}  // namespace

TEST_CASE("a version 7 id of a later moment comes later, whatever the random bits say") {
  const Timestamp at = from_unix_ms(1'700'000'000'000);
  const Uuid early = Uuid::v7(at, all_one);
  const Uuid late = Uuid::v7(at + Duration{1}, all_zero);
  CHECK(early < late);
  CHECK(early.to_string() < late.to_string());
}

TEST_CASE("a version 7 id is laid out as RFC 9562 says") {  // appendix A.6
  const Uuid id = Uuid::v7(from_unix_ms(0x017F22E279B0),
                           {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F});
  CHECK(id.to_string() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST_CASE("a version 4 id keeps every bit but version and variant") {
  std::array<std::uint8_t, 16> random{};
  CHECK(Uuid::v4(random).to_string() == "00000000-0000-4000-8000-000000000000");
  random.fill(255);
  CHECK(Uuid::v4(random).to_string() == "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST_CASE("an id is read back from its text") {
  const Uuid id = Uuid::v7(from_unix_ms(1'700'000'000'000), all_one);
  CHECK(Uuid::parse(id.to_string()).value() == id);
  CHECK(RunId::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F").value().to_string() ==
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST_CASE("what is no id is refused, and the form is shown") {
  for (const char* bad :
       {"", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f----",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0"}) {
    const auto id = RunId::parse(bad);
    REQUIRE_FALSE(id);
    CHECK(id.error().kind == ErrorKind::invalid);
    CHECK(id.error().remedy.find("01234567-89ab-7def") != std::string::npos);
  }
}

TEST_CASE("ids and references are keys of hash tables") {
  const RunId run{Uuid::v7(from_unix_ms(1), all_one)};
  const RunId other{Uuid::v7(from_unix_ms(1), all_zero)};
  CHECK(std::unordered_set<RunId>{run, other, run}.size() == 2);
  CHECK(std::unordered_set<TaskRef>{{run, 1}, {run, 2}, {other, 1}, {run, 1}}.size() == 3);
}
