// SPDX-License-Identifier: Apache-2.0
// Every definition and configuration with a mistake, through the program.
#include <toml++/toml.h>
#include <boost/json/parse.hpp>

#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

// Files of tests/data/invalid, relative to it.
std::vector<std::string> wrong_files(std::string_view folder) {
  const toml::table expected = toml::parse_file(WEFT_TEST_DATA "/invalid/expected.toml");
  std::vector<std::string> files;
  for (const toml::node& one : *expected["case"].as_array()) {
    const auto file = one.as_table()->at("file").value_or<std::string>("");
    if (file.starts_with(folder)) files.push_back(file);
  }
  return files;
}

void check_refused(const Place& place, const Finished& refused, const std::string& file) {
  INFO(file << "\n" << refused.out << refused.err);
  CHECK(refused.exit_code == 2);
  const std::size_t error = refused.err.find("{\"error\"");  // log lines may stand before it
  REQUIRE(error != std::string::npos);
  const json::value said = json::parse(refused.err.substr(error));
  const json::array& found = said.at("error").at("diagnostics").as_array();
  REQUIRE(found.size() == 1);
  CHECK(found[0].at("line").as_int64() > 0);
  CHECK_FALSE(std::filesystem::exists(place.state()));
}

// One half of the definitions: a test has two minutes, and each is a process.
void check_definitions(bool second_half) {
  const Place place(
      "[services.storyboard]\ncomponent = \"storyboard\"\nprice = 0\n"
      "[services.testing]\ncomponent = \"testing\"\nprice = 0\n"
      "[services.media]\ncomponent = \"media\"\nprice = 0\nclass = \"cpu\"\n");
  const auto files = wrong_files("definitions/");
  REQUIRE(files.size() >= 100);
  for (std::size_t i = second_half ? 1 : 0; i < files.size(); i += 2)
    check_refused(place, place.weft({"--json", "run", WEFT_TEST_DATA "/invalid/" + files[i]}),
                  files[i]);
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
  const auto files = wrong_files("configs/");
  CHECK(files.size() >= 20);
  for (const std::string& file : files) {
    const auto command =
        place.command({"--json", "run", definition}, WEFT_TEST_DATA "/invalid/" + file);
    const Finished refused = run_program(command, place.folder());
    check_refused(place, refused, file);
  }
}

}  // namespace
}  // namespace weft::testing
