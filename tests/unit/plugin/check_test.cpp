// SPDX-License-Identifier: Apache-2.0
#include "plugin/check.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

namespace {

std::string failures(const std::vector<Check>& checks) {
  std::string text;
  for (const Check& check : checks)
    if (!check.passed) text += check.name + ": " + check.message + "\n";
  return text;
}

}  // namespace

TEST_CASE("a plugin that keeps the laws passes every check") {
  const auto checks = check_plugin(plugin_file("script"));
  CHECK(failures(checks) == "");
  CHECK(std::ranges::count(checks, "script: says what it does", &Check::name) == 1);
  CHECK(std::ranges::count(checks, "script_worker: lets go when it is asked to", &Check::name) ==
        1);
}

TEST_CASE("a check tells what is wrong with a library") {
  CHECK(failures(check_plugin(plugin_file("no_manifest"))).find("no section .weft_manifest") !=
        std::string::npos);
  const auto checks = check_plugin(plugin_file("no_entry"));
  CHECK(failures(checks).find("exports weft_entry_v1 and nothing else: it exports not_the_entry") !=
        std::string::npos);
  CHECK(failures(check_plugin(plugin_file("same_component"))).find("script: is made") !=
        std::string::npos);
}

TEST_CASE("a check runs the components with the configuration that it is given") {
  const auto checks = check_plugin(plugin_file("script"), {{"describe", "refused"}});
  const auto said = std::ranges::find(checks, "script: says what it does", &Check::name);
  REQUIRE(said != checks.end());
  CHECK(said->passed);
  CHECK(said->message.find("auth") != std::string::npos);
}
