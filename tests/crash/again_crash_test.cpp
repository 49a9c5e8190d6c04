// SPDX-License-Identifier: Apache-2.0
// A run that is submitted again under its id, as its submitter does who has not heard of it, while
// the process that starts is taking it over.
#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <sstream>
#include <weft/runtime.hpp>

#include "catch.hpp"
#include "crash_place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view definition = R"(
[pipeline]
name = "one_picture"
[tasks.picture]
operation = "image.generate"
params    = { prompt = "a lighthouse", width = 64, height = 36 }
)";

TEST_CASE("A run submitted again while it is being taken over is carried on by who takes it over") {
  const CrashPlace place;
  const std::string file = place.write("picture.toml", definition);
  REQUIRE(place.crash(file, true, 2).signal == SIGKILL);

  // The first commit is the claim of the run: it waits until the run has been submitted again.
  std::promise<void> submitted;
  std::atomic<bool> in_time = true;
  RuntimeOptions options;
  options.config = place.config();
  options.state = place.state();
  options.commit_hook = [&, waiting = submitted.get_future().share()](bool after, std::uint64_t n) {
    if (!after && n == 1)
      in_time = waiting.wait_for(std::chrono::seconds{20}) == std::future_status::ready;
  };
  const auto runtime = Runtime::open(std::move(options)).value();
  Submission submission;
  submission.definition = std::string(definition);
  submission.file = file;
  submission.id = crash_run;
  REQUIRE(runtime->submit(submission).value() == crash_run);
  submitted.set_value();
  REQUIRE(in_time);
  CHECK(runtime->wait(crash_run).value().state == "succeeded");
  CHECK(place.accepted() == 1);
}

}  // namespace
}  // namespace weft::testing
