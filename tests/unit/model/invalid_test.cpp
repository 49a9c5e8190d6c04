// SPDX-License-Identifier: Apache-2.0
// tests/data/invalid: definitions and configurations with one mistake each.
#include "catch.hpp"
#include "model/document.hpp"
#include "model_support.hpp"

using namespace weft;
using namespace weft::testing;

namespace {

const std::string folder = std::string(WEFT_TEST_DATA) + "/invalid/";

struct Case {
  std::string file, at, message, remedy;
};

std::string text_of(const json::value& table, const char* key) {
  const json::value* value = find_member(table, key);
  return value ? std::string(value->as_string()) : "";
}

std::vector<Case> all_cases() {
  const Document expected =
      Document::from_toml(read_text(folder + "expected.toml"), "expected.toml").value();
  std::vector<Case> cases;
  for (const json::value& one : expected.root().at("case").as_array())
    cases.push_back({text_of(one, "file"), text_of(one, "at"), text_of(one, "message"),
                     text_of(one, "remedy")});
  return cases;
}

Error read_wrong(const Case& one) {
  const std::string file = folder + one.file;
  if (one.file.starts_with("configs/")) {
    auto config = read_config(file, lookup());
    return config ? internal("it was read without a word") : config.error();
  }
  auto pipeline = read_pipeline(read_text(file), file, context());
  return pipeline ? internal("it was read without a word") : pipeline.error();
}

}  // namespace

TEST_CASE("each of a hundred mistakes is found alone, at its place, with words that help") {
  const std::vector<Case> cases = all_cases();
  CHECK(cases.size() >= 100);
  for (const Case& one : cases) {
    const Error error = read_wrong(one);
    INFO(one.file << "\n" << error.to_string());
    CHECK(error.kind == ErrorKind::invalid);
    CHECK(exit_code(error) == 2);
    REQUIRE(error.diagnostics.size() == 1);
    const Diagnostic& found = error.diagnostics.front();
    CHECK_FALSE(found.warning);
    CHECK(found.position.to_string() == folder + one.file + ":" + one.at);
    CHECK(found.message.find(one.message) != std::string::npos);
    CHECK(found.remedy.find(one.remedy) != std::string::npos);
  }
}

TEST_CASE("of thousands of wrong names the first ones say what was meant, and all are told") {
  std::string text = "[pipeline]\nname = \"many\"\n";
  for (int i = 0; i < 1000; ++i) {
    const std::string number = std::to_string(i);
    text += "[tasks.clip_" + number + "]\noperation = \"video.from_image\"\n" +
            "inputs = { image = \"${tasks.clp_" + number + ".image}\" }\n";
  }
  const auto read = read_pipeline(text, "many.toml", context());
  REQUIRE(read.has_error());
  std::size_t unknown = 0, helped = 0;
  for (const Diagnostic& one : read.error().diagnostics) {
    if (one.message.find("unknown task") == std::string::npos) continue;
    ++unknown;
    helped += one.remedy.empty() ? 0u : 1u;
  }
  CHECK(unknown == 1000);
  CHECK(helped >= 50);
  CHECK(helped <= 100);
}
