// SPDX-License-Identifier: Apache-2.0
#include "catch.hpp"
#include "fake_runtime.hpp"

using namespace weft;
using namespace weft::cli::test;

namespace {

using Asked = std::vector<std::string>;

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

SecretView stored(std::int64_t number, std::string hint) {
  SecretView view;
  view.name = "openai_key";
  view.source = "store";
  view.number = number;
  view.hint = std::move(hint);
  view.created_at = moment();
  view.services = {"images", "chat"};
  return view;
}

}  // namespace

TEST_CASE("a secret is read from standard input, kept, and not repeated") {
  World world;
  world.typed = "sk-very-secret";
  const Outcome set = run_weft(world, {"secret", "set", "openai_key"});
  CHECK(set.code == 0);
  CHECK_FALSE(contains(set.out + set.err, "sk-very-secret"));
  run_weft(world, {"secret", "set", "openai_key", "--add"});
  run_weft(world, {"secret", "rotate", "openai_key"});
  CHECK(world.asked == Asked{"set openai_key sk-very-secret only",
                             "set openai_key sk-very-secret last",
                             "set openai_key sk-very-secret first"});
}

TEST_CASE("a secret is never taken from the command line") {
  World world;
  const Outcome set = run_weft(world, {"secret", "set", "openai_key", "sk-very-secret"});
  CHECK(set.code == 2);
  CHECK(world.asked.empty());
}

TEST_CASE("the list of secrets shows where each is from, how it ends and who uses it") {
  World world;
  world.secrets = {stored(0, "9f3c"), stored(1, "77aa")};
  SecretView missing;
  missing.name = "fal_key";
  missing.source = "environment WEFT_SECRET_FAL_KEY";
  missing.missing = true;
  world.secrets.push_back(missing);
  const Outcome listed = run_weft(world, {"secret", "list"});
  CHECK(listed.code == 0);
  CHECK(listed.out ==
        "SECRET      NUMBER  ENDS IN  FROM                             USED BY\n"
        "openai_key       0  9f3c     store                            images chat\n"
        "openai_key       1  77aa     store                            images chat\n"
        "fal_key             missing  environment WEFT_SECRET_FAL_KEY\n");
  const Outcome as_json = run_weft(world, {"secret", "list", "--json"});
  CHECK(contains(as_json.out, R"("name":"openai_key","source":"store","hint":"9f3c")"));
}

TEST_CASE("a secret is removed whole or by number") {
  World world;
  CHECK(run_weft(world, {"secret", "remove", "openai_key"}).code == 0);
  CHECK(run_weft(world, {"secret", "remove", "openai_key", "--number", "-1"}).code == 0);
  CHECK(world.asked == Asked{"remove openai_key", "remove openai_key -1"});
}

TEST_CASE("a test of a secret names each service that uses it, and fails if one does") {
  World world;
  world.checks = {{"images", true, ""}, {"chat", false, "401: invalid key"}};
  const Outcome tested = run_weft(world, {"secret", "test", "openai_key"});
  CHECK(tested.code == 1);
  CHECK(tested.out == "ok     images\nFAILED chat: 401: invalid key\n");
  CHECK(contains(tested.err, "not every service that uses 'openai_key' is well"));
  world.checks.pop_back();
  CHECK(run_weft(world, {"secret", "test", "openai_key"}).code == 0);
}
