// SPDX-License-Identifier: Apache-2.0
#include <weft/testing.hpp>

#include <array>
#include <cstdio>
#include <memory>

#include "catch.hpp"

using weft::testing::fake_host;
using weft::testing::library;

namespace {

std::string output_of(const std::string& command) {
  const auto close = [](FILE* file) { ::pclose(file); };
  const std::unique_ptr<FILE, decltype(close)> pipe(::popen(command.c_str(), "r"), close);
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe.get()))
    text.append(buffer.data(), got);
  return text;
}

}  // namespace

TEST_CASE("an echo in C++ or C ends well after its steps, without time passing") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C);
  fake_host host;
  auto echo = host.create(library(path).entry(), "echo");
  const auto begun_ms = host.now_ms();
  auto job = echo.submit({.operation = "text.echo", .params = {{"text", "hello"}}});
  CHECK_FALSE(job.ended());
  host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(job.output("text").find("hello") != std::string::npos);
  CHECK(job.tokens() == std::vector<std::string>{"1", "2", "3"});
  CHECK(job.progress().back().permille == 1000);
  CHECK(host.now_ms() - begun_ms == 3000);
  CHECK(host.violations().empty());
}

TEST_CASE("an echo stops when it is cancelled between two steps") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C);
  fake_host host;
  auto echo = host.create(library(path).entry(), "echo");
  auto job = echo.submit({.operation = "text.echo", .params = {{"text", "hello"}}});
  host.advance(1500);
  job.cancel();
  host.run_until_idle();
  CHECK(job.status() == WEFT_CANCELLED);
  CHECK(job.outputs().empty());
  CHECK(job.tokens().size() == 1);
  CHECK(host.violations().empty());
}

TEST_CASE("an echo goes on at its last durable step after the runtime died") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C);
  fake_host host;
  auto echo = host.create(library(path).entry(), "echo");
  auto lost = echo.submit({.operation = "text.echo", .params = {{"text", "hello"}}});
  host.advance(2500);
  echo.crash();
  const auto begun_ms = host.now_ms();
  auto job = echo.attach(lost);
  host.run_until_idle();
  CHECK(job.status() == WEFT_OK);
  CHECK(job.tokens() == std::vector<std::string>{"1", "2", "3"});
  CHECK(host.now_ms() - begun_ms == 1000);
  CHECK(host.violations().empty());
}

TEST_CASE("an echo ends all its jobs when it is drained") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C);
  fake_host host;
  auto echo = host.create(library(path).entry(), "echo");
  auto first = echo.submit({.operation = "text.echo", .params = {{"text", "a"}}});
  auto second = echo.submit({.operation = "text.echo", .params = {{"text", "b"}}});
  host.advance(1500);
  auto drained = echo.drain();
  CHECK(drained.status() == WEFT_OK);
  CHECK(first.status() == WEFT_CANCELLED);
  CHECK(second.status() == WEFT_CANCELLED);
  host.run_until_idle();
  CHECK(host.violations().empty());
}

TEST_CASE("an echo that is destroyed with jobs under way says nothing more") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C);
  fake_host host;
  auto echo = host.create(library(path).entry(), "echo");
  auto job = echo.submit({.operation = "text.echo", .params = {{"text", "a"}}});
  host.advance(1500);
  echo.destroy();
  host.run_until_idle();
  CHECK(job.status() == weft::testing::job_record::interrupted);
  CHECK(host.violations().empty());
}

TEST_CASE("an echo describes its one operation") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C);
  fake_host host;
  auto echo = host.create(library(path).entry(), "echo");
  auto call = echo.describe();
  REQUIRE(call.status() == WEFT_OK);
  CHECK(call.result().at("operations").at(0).at("name") == "text.echo");
}

TEST_CASE("a library refuses a component that it does not have") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C, WEFT_SORTER);
  fake_host host;
  CHECK_THROWS_AS(host.create(library(path).entry(), "echo/"), weft::error);
  CHECK(host.violations().empty());
}

TEST_CASE("a plugin library exports its entry and nothing else") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C, WEFT_SORTER);
  const std::string symbols = output_of("nm -D --defined-only -P '" + path + "'");
  CHECK(symbols.starts_with("weft_entry_v1 "));
  CHECK(std::count(symbols.begin(), symbols.end(), '\n') == 1);
}

TEST_CASE("the manifest can be read from the file without running code") {
  const std::string path = GENERATE(WEFT_ECHO_CPP, WEFT_ECHO_C, WEFT_SORTER);
  const std::string section =
      output_of("objcopy -O binary --only-section=.weft_manifest '" + path + "' /dev/stdout");
  const std::string in_entry(weft::view(library(path).entry().manifest));
  CHECK(section == in_entry + '\0');
  const auto manifest = nlohmann::json::parse(in_entry);
  CHECK(manifest.at("components").size() == 1);
}

TEST_CASE("an executor hands over what a real program made") {
  fake_host host;
  auto sorter = host.create(library(WEFT_SORTER).entry(), "sorter");
  auto job = sorter.run({.operation = "text.sort",
                         .params = {{"reverse", true}},
                         .inputs = {{"text", host.store("ash\noak\nelm\n", "text/plain")}}});
  CHECK(job.message() == "");
  CHECK(job.status() == WEFT_OK);
  CHECK(job.output("text") == "oak\nelm\nash\n");
  CHECK(host.violations().empty());
}
