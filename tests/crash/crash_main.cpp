// SPDX-License-Identifier: Apache-2.0
// Submits a definition, and kills itself right before or after a commit.
//
//   weft-crash-main STATE CONFIG DEFINITION RUN before|after N
//
// RUN is the UUID that the run gets. N counts this process' commits from 1; with 0 it lives, and
// prints how many there were. Ends with 0 when the run succeeded.
#include <atomic>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>
#include <weft/runtime.hpp>

namespace {

struct Arguments {
  std::string state, config, definition, run;
  bool after = false;
  std::uint64_t commit = 0;
};

int complain(const weft::Error& error) {
  std::cerr << error.to_string() << '\n';
  return 1;
}

int run(const Arguments& arguments) {
  std::atomic<std::uint64_t> commits = 0;
  weft::RuntimeOptions options;
  options.config = arguments.config;
  options.state = arguments.state;
  options.commit_hook = [&](bool after, std::uint64_t nth) {
    commits = nth;
    if (nth == arguments.commit && after == arguments.after) std::raise(SIGKILL);
  };
  auto runtime = weft::Runtime::open(std::move(options));
  if (!runtime) return complain(runtime.error());

  std::ostringstream definition;
  definition << std::ifstream(arguments.definition).rdbuf();
  weft::Submission submission;
  submission.definition = definition.str();
  submission.file = arguments.definition;
  submission.id = arguments.run;
  const auto submitted = (*runtime)->submit(submission);
  if (!submitted) return complain(submitted.error());
  const auto end = (*runtime)->wait(*submitted);
  if (!end) return complain(end.error());
  (*runtime)->close();
  std::cout << commits << '\n';
  return end->state == "succeeded" ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "weft-crash-main STATE CONFIG DEFINITION RUN before|after N\n";
    return 2;
  }
  return run({argv[1], argv[2], argv[3], argv[4], std::string_view(argv[5]) == "after",
              std::stoull(argv[6])});
}
