// SPDX-License-Identifier: Apache-2.0
#include "observe/log.hpp"

#include <cstdlib>

#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"

using namespace weft::observe;

namespace {

struct Recorded {
  Redactor redactor;
  std::vector<std::string> lines;

  Logger logger(Level threshold) {
    return Logger::to_sink(
        [this](Level level, std::string_view line) {
          lines.push_back(std::string(to_string(level)) + ": " + std::string(line));
        },
        redactor, threshold);
  }
};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path fresh_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "weft-log-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  return name;
}

}  // namespace

TEST_CASE("a log line shows message and fields, with quotes only where they are needed") {
  Recorded recorded;
  recorded.logger(Level::info)
      .warn("service answers slowly", {{"service", "comfy-a"},
                                       {"latency_ms", 8123},
                                       {"share", 0.5},
                                       {"last", true},
                                       {"stage", "load model"},
                                       {"note", ""}});
  REQUIRE(recorded.lines.size() == 1);
  CHECK(recorded.lines[0] ==
        "warn: service answers slowly service=comfy-a latency_ms=8123 share=0.5 last=true "
        "stage=\"load model\" note=\"\"");
}

TEST_CASE("lines below the threshold are dropped") {
  Recorded recorded;
  const Logger log = recorded.logger(Level::warn);
  log.info("dropped");
  log.error("kept");
  CHECK_FALSE(log.is_on(Level::info));
  CHECK(recorded.lines == std::vector<std::string>{"error: kept"});
}

TEST_CASE("foreign text cannot forge a log line") {
  Recorded recorded;
  recorded.logger(Level::trace).info("first\nsecond \x1b[31m", {{"text", "a\n\"b\""}});
  CHECK(recorded.lines ==
        std::vector<std::string>{"info: first\\nsecond \\x1b[31m text=\"a\\n\\\"b\\\"\""});
}

TEST_CASE("secrets are taken out of message, keys, values and bound fields") {
  Recorded recorded;
  recorded.redactor.add("fal", "s3\"cret");
  const Logger log = recorded.logger(Level::trace).with({{"bound", "s3\"cret"}});
  log.info("it is s3\"cret", {{"value", "again s3\"cret"}, {"s3\"cret", 1}});
  REQUIRE(recorded.lines.size() == 1);
  CHECK(recorded.lines[0].find("cret\"") == std::string::npos);
  CHECK(recorded.lines[0] ==
        "info: it is {secret:fal} bound={secret:fal} value=\"again {secret:fal}\" {secret:fal}=1");
}

TEST_CASE("a secret that is registered late is taken out from then on") {
  Recorded recorded;
  const Logger log = recorded.logger(Level::trace);
  recorded.redactor.add("late", "hush");
  log.info("hush");
  CHECK(recorded.lines == std::vector<std::string>{"info: {secret:late}"});
}

TEST_CASE("a log file gets one line with UTC time and level per event, and its folder is made") {
  const auto folder = fresh_folder();
  const Redactor redactor;
  {
    const auto log = Logger::to_file(folder / "logs" / "weft.log", redactor, Level::info);
    REQUIRE(log.has_value());
    log->info("one");
    log->warn("two", {{"n", 2}});
  }
  const std::string text = content_of(folder / "logs" / "weft.log");
  CHECK_THAT(text, Catch::Matchers::Matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z "
                                            "info  one\n.{24} warn  two n=2\n"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("a log file that cannot be opened is an error that names it") {
  const Redactor redactor;
  const auto log = Logger::to_file("/proc/no/such.log", redactor, Level::info);
  REQUIRE_FALSE(log.has_value());
  CHECK(log.error().kind == weft::ErrorKind::machine);
  CHECK_THAT(log.error().message, Catch::Matchers::Contains("/proc/no/such.log"));
}

TEST_CASE("several threads may log at once") {
  Recorded recorded;
  const Logger log = recorded.logger(Level::info);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&log, i] {
        for (int n = 0; n < 100; ++n) log.info("line", {{"thread", i}, {"n", n}});
      });
    }
  }
  CHECK(recorded.lines.size() == 400);
}

TEST_CASE("levels are read by the words they are written with") {
  for (const Level level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error}) {
    CHECK(*parse_level(to_string(level)) == level);
  }
  const auto wrong = parse_level("wran");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().remedy == "did you mean 'warn'?");
}
