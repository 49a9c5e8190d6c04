// SPDX-License-Identifier: Apache-2.0
#include "base/json_text.hpp"

#include "base/json.hpp"
#include "print_result.hpp"

using namespace weft;

TEST_CASE("an object is written member by member") {
  CHECK(json_text({}) == "{}");
  CHECK(json_text({{"attempt", 3}, {"service", "painter"}, {"degraded", false}}) ==
        R"({"attempt":3,"service":"painter","degraded":false})");
  CHECK(json_text({{"least", INT64_MIN}}) == R"({"least":-9223372036854775808})");
}

TEST_CASE("text that is JSON already is taken as it is") {
  CHECK(json_text({{"list", JsonText{"[1,2]"}}, {"done", true}}) ==
        R"({"list":[1,2],"done":true})");
}

TEST_CASE("a member without a value is left out") {
  CHECK(json_text({{"a", {}}, {"b", 1}, {"c", unless_empty("")}, {"d", unless_empty("x")}}) ==
        R"({"b":1,"d":"x"})");
}

TEST_CASE("any text that is written reads back as it was") {
  std::string every;
  for (char c = 0; c < 127; ++c) every += c;
  every += "\u00e9\u6c34";
  CHECK(parse_json(json_text({{"text", every}})).value() == json::object{{"text", every}});
}

TEST_CASE("objects are appended to what is there") {
  std::string text = "[";
  append_json(text, {{"n", 1}});
  CHECK(text == R"([{"n":1})");
}
