// SPDX-License-Identifier: Apache-2.0
#include "plugin/child_process.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "catch.hpp"
#include "world.hpp"

using namespace weft;
using namespace weft::plugin;
using namespace weft::plugin::test;

namespace {

ChildCommand shell(const std::string& text, const std::filesystem::path& folder) {
  return {{"sh", "-c", text}, folder, {}, Duration(0)};
}
// Still there, and not a zombie.
bool runs(const std::string& process) {
  std::string command;
  std::getline(std::ifstream("/proc/" + process + "/cmdline"), command);
  return !command.empty();
}
bool until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

TEST_CASE("a child that heeds no SIGTERM is killed two seconds later") {
  const TestFolder folder;
  Guardian guardian;
  const auto stop = StopSignal::create();
  const auto exit =
      run_child(shell("trap '' TERM; echo ready; while :; do sleep 60; done", folder.path()),
                guardian, *stop, [&](bool, std::string_view) {
                  stop->request();
                  return true;
                });
  CHECK(exit.end == ChildEnd::stopped);
  CHECK(exit.signal == SIGKILL);
}

TEST_CASE("what a child leaves behind in its group goes with it") {
  const TestFolder folder;
  Guardian guardian;
  const auto stop = StopSignal::create();
  std::string orphan;
  const auto exit = run_child(shell("sleep 60 & echo $!", folder.path()), guardian, *stop,
                              [&](bool, std::string_view line) {
                                orphan = line;
                                return true;
                              });
  CHECK(exit.exit_code == 0);
  REQUIRE_FALSE(orphan.empty());
  CHECK(until([&] { return !runs(orphan); }));
}

TEST_CASE("a reader that wants no more lines ends the child") {
  const TestFolder folder;
  Guardian guardian;
  const auto stop = StopSignal::create();
  int lines = 0;
  const auto exit = run_child(shell("while :; do echo y; done", folder.path()), guardian, *stop,
                              [&](bool, std::string_view) { return ++lines < 3; });
  CHECK(exit.end == ChildEnd::stopped);
  CHECK(lines == 3);
}

TEST_CASE("a line that is endless comes in pieces of 64 KiB, standard error is told apart") {
  const TestFolder folder;
  Guardian guardian;
  const auto stop = StopSignal::create();
  std::vector<std::size_t> sizes;
  std::string error;
  run_child(shell("head -c 70000 /dev/zero; echo oops >&2", folder.path()), guardian, *stop,
            [&](bool is_error, std::string_view line) {
              if (is_error)
                error = line;
              else
                sizes.push_back(line.size());
              return true;
            });
  CHECK(sizes == std::vector<std::size_t>{65536, 4464});
  CHECK(error == "oops");
}

TEST_CASE("a program that cannot be executed is not started, and nothing is left open") {
  const TestFolder folder;
  const auto broken = folder.path() / "broken";
  std::ofstream(broken) << "#!/no/such/interpreter\n";
  std::filesystem::permissions(broken, std::filesystem::perms::owner_all);
  Guardian guardian;
  const auto stop = StopSignal::create();
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto nothing = [](bool, std::string_view) { return true; };
  run_child(shell("true", folder.path()), guardian, *stop, nothing);
  const auto before = descriptors();
  for (int i = 0; i < 20; ++i) {
    const auto exit =
        run_child({{broken.string()}, folder.path(), {}, Duration(0)}, guardian, *stop, nothing);
    CHECK(exit.end == ChildEnd::not_started);
    run_child(shell("true", folder.path()), guardian, *stop, nothing);
  }
  CHECK(descriptors() == before);
  CHECK(::waitpid(0, nullptr, WNOHANG) <= 0);  // no zombie in our group
}

TEST_CASE("children and their children die with the runtime, even if it is killed") {
  const TestFolder folder;
  const auto told = folder.path() / "pids";
  const pid_t runtime = ::fork();
  if (runtime == 0) {
    Guardian guardian;
    const auto stop = StopSignal::create();
    run_child(shell("sleep 60 & echo $! >" + told.string() + ".new; echo $$ >>" + told.string() +
                        ".new; mv " + told.string() + ".new " + told.string() + "; wait",
                    folder.path()),
              guardian, *stop, [](bool, std::string_view) { return true; });
    ::_exit(0);
  }
  REQUIRE(until([&] { return std::filesystem::exists(told); }));
  std::string grandchild, child;
  std::ifstream stream(told);
  stream >> grandchild >> child;
  CHECK(runs(grandchild));
  ::kill(runtime, SIGKILL);
  ::waitpid(runtime, nullptr, 0);
  CHECK(until([&] { return !runs(child) && !runs(grandchild); }));
}

TEST_CASE("what a child and its own children took of the machine is told with its end") {
  const TestFolder folder;
  Guardian guardian;
  const auto stop = StopSignal::create();
  const auto quiet = [](bool, std::string_view) { return true; };
  const auto busy =
      run_child(shell("sh -c 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done'", folder.path()),
                guardian, *stop, quiet);
  CHECK(busy.usage.cpu >= Duration(5));
  CHECK(busy.usage.cpu < Duration(60'000));
  // More than this process ever held, so that it cannot be what Linux inherits over exec.
  const auto fat =
      run_child(shell("exec dd if=/dev/zero of=/dev/null bs=300M count=3", folder.path()), guardian,
                *stop, quiet);
  CHECK(fat.usage.memory_bytes > 250'000'000);
  CHECK(fat.usage.memory_bytes < 900'000'000);
}

TEST_CASE("a child is not said to hold what the runtime held before it") {
  const std::vector<char> much(200'000'000, 'x');
  const TestFolder folder;
  Guardian guardian;
  const auto stop = StopSignal::create();
  const auto exit = run_child(shell("exec sleep 0.3", folder.path()), guardian, *stop,
                              [](bool, std::string_view) { return true; });
  CHECK(much.back() == 'x');
  CHECK(exit.usage.memory_bytes > 0);
  CHECK(exit.usage.memory_bytes < 100'000'000);
}
