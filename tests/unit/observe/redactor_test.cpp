// SPDX-License-Identifier: Apache-2.0
#include "observe/redactor.hpp"

#include "catch.hpp"

using weft::observe::Redactor;

TEST_CASE("the redactor puts a secret's name where its value stood") {
  Redactor redactor;
  redactor.add("fal", "key-123");
  CHECK(redactor.redact("Bearer key-123, key-123!") == "Bearer {secret:fal}, {secret:fal}!");
  CHECK(redactor.redact("key-12 is not it") == "key-12 is not it");
  CHECK(redactor.redact("").empty());
}

TEST_CASE("the redactor knows a secret in JSON, in a URL and in base64") {
  Redactor redactor;
  redactor.add("token", R"(a"b/c d)");
  CHECK(redactor.redact(R"({"key":"a\"b/c d"})") == R"({"key":"{secret:token}"})");
  CHECK(redactor.redact("?key=a%22b%2Fc%20d&x=1") == "?key={secret:token}&x=1");
  CHECK(redactor.redact("Basic YSJiL2MgZA==") == "Basic {secret:token}==");
}

TEST_CASE("of two secrets that begin alike the redactor takes the longer one out") {
  Redactor redactor;
  redactor.add("short", "sk-1");
  redactor.add("long", "sk-1-and-more");
  CHECK(redactor.redact("sk-1-and-more sk-1") == "{secret:long} {secret:short}");
}

TEST_CASE("an empty secret changes no text") {
  Redactor redactor;
  redactor.add("empty", "");
  CHECK(redactor.redact("anything") == "anything");
}
