// SPDX-License-Identifier: Apache-2.0
// Every definition and configuration with a mistake, through the program.
#include <toml++/toml.h>
#include <boost/json/parse.hpp>

#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

// One file of tests/data/invalid, relative to it, and what is wrong with it.
struct Case {
  std::string file, at, message;
};

std::vector<Case> cases_in(std::string_view folder) {
  const toml::table expected = toml::parse_file(WEFT_TEST_DATA "/invalid/expected.toml");
  std::vector<Case> cases;
  for (const toml::node& node : *expected["case"].as_array()) {
    const auto text = [&](const char* key) {
      return node.as_table()->at(key).value_or<std::string>("");
    };
    if (text("file").starts_with(folder))
      cases.push_back({text("file"), text("at"), text("message")});
  }
  return cases;
}

void check_refused(const Place& place, const Finished& refused, const Case& wrong) {
  INFO(wrong.file << "\n" << refused.out << refused.err);
  CHECK(refused.exit_code == 2);
  const std::size_t error = refused.err.find("{\"error\"");  // log lines may stand before it
  REQUIRE(error != std::string::npos);
  const json::value said = json::parse(refused.err.substr(error));
  const json::array& found = said.at("error").at("diagnostics").as_array();
  REQUIRE(found.size() == 1);
  const auto number = [&](const char* key) { return std::to_string(found[0].at(key).as_int64()); };
  CHECK(number("line") + ":" + number("column") == wrong.at);
  CHECK(std::string(found[0].at("message").as_string()).find(wrong.message) != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(place.state()));
}

// One half of the definitions: a test has two minutes, and each is a process.
void check_definitions(bool second_half) {
  const Place place(
      "[services.storyboard]\ncomponent = \"storyboard\"\nprice = 0\n"
      "[services.testing]\ncomponent = \"testing\"\nprice = 0\n"
      "[services.media]\ncomponent = \"media\"\nprice = 0\nclass = \"cpu\"\n");
  const auto cases = cases_in("definitions/");
  REQUIRE(cases.size() >= 100);
  for (std::size_t i = second_half ? 1 : 0; i < cases.size(); i += 2)
    check_refused(place, place.weft({"--json", "run", WEFT_TEST_DATA "/invalid/" + cases[i].file}),
                  cases[i]);
}

TEST_CASE(
    "A definition with a mistake is refused with one message, and nothing is written (1 of 2)") {
  check_definitions(false);
}
TEST_CASE(
    "A definition with a mistake is refused with one message, and nothing is written (2 of 2)") {
  check_definitions(true);
}

TEST_CASE("A configuration with a mistake is refused with one message, and nothing is written") {
  const Place place;
  const std::string definition = place.write("any.toml", "[pipeline]\nname = \"any\"\n");
  const auto cases = cases_in("configs/");
  CHECK(cases.size() >= 20);
  for (const Case& wrong : cases) {
    const auto command =
        place.command({"--json", "run", definition}, WEFT_TEST_DATA "/invalid/" + wrong.file);
    const Finished refused = run_program(command, place.folder());
    check_refused(place, refused, wrong);
  }
}

}  // namespace
}  // namespace weft::testing
