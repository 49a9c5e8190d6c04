// SPDX-License-Identifier: Apache-2.0
// A machine that does not play along: no rights, no space.
#include <unistd.h>

#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view service = R"(
[services.videos]
component  = "testing"
operations = ["video.generate"]
price      = 0
)";

// 384 KiB for each frame.
constexpr std::string_view big_video = R"(
[pipeline]
name = "big"
[tasks.video]
operation = "video.generate"
params    = { prompt = "big", width = 512, height = 512, fps = 24, seconds = 1 }
[outputs]
video = "${tasks.video.video}"
)";

// A file system of so many MiB, as long as this value lives.
class SmallDisk {
 public:
  SmallDisk(const Place& place, int size_mib) : place_(place) {
    std::filesystem::create_directories(place.state());
    const Finished mounted = mount({"-t", "tmpfs", "-o", size(size_mib), "none"});
    mounted_ = mounted.exit_code == 0;
    problem_ = mounted.err;
  }
  ~SmallDisk() {
    if (mounted_) run_program({"umount", "-l", place_.state().string()}, place_.folder());
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const noexcept { return mounted_; }
  const std::string& problem() const noexcept { return problem_; }
  bool grow(int size_mib) const {
    return mount({"-o", "remount," + size(size_mib)}).exit_code == 0;
  }

 private:
  static std::string size(int mib) { return "size=" + std::to_string(mib) + "m"; }
  Finished mount(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "mount");
    arguments.push_back(place_.state().string());
    return run_program(arguments, place_.folder());
  }

  const Place& place_;
  bool mounted_ = false;
  std::string problem_;
};

TEST_CASE("A full disk ends the run with a word about it, and with space it is carried on") {
  const Place place(service);
  const std::string definition = place.write("big.toml", big_video);
  const SmallDisk disk(place, 6);
  if (!disk.mounted()) {
    WARN("not tested, for a small file system cannot be mounted here: " << disk.problem());
    return;
  }
  const Finished full = place.weft({"run", definition});
  INFO(full.out << full.err);
  CHECK(full.signal == 0);
  CHECK(full.exit_code != 0);
  CHECK((full.out + full.err).find("space") != std::string::npos);

  REQUIRE(disk.grow(200));
  const std::string run = place.newest_run();
  const bool failed = has(place.run(run), "state", "failed");
  const Finished done = place.weft({failed ? "retry" : "resume", run});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
}

TEST_CASE("A state folder that may not be written is named, with exit code 5") {
  const Place place(service);
  const std::string definition = place.write("big.toml", big_video);
  std::filesystem::create_directories(place.state());
  std::filesystem::permissions(place.folder(), std::filesystem::perms{0755});
  std::filesystem::permissions(place.state(), std::filesystem::perms{0555});
  std::vector<std::string> command = place.command({"run", definition});
  if (::geteuid() == 0)
    command.insert(command.begin(),
                   {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"});
  const Finished refused = run_program(command, place.folder());
  INFO(refused.out << refused.err);
  CHECK(refused.exit_code == 5);
  CHECK(refused.err.find(place.state().string()) != std::string::npos);
  CHECK(std::filesystem::is_empty(place.state()));
}

TEST_CASE("A standard output that takes nothing is told, with exit code 5") {
  const Place place(service);
  for (const std::string redirection : {"> /dev/full", ">&-"}) {
    std::vector<std::string> command = place.command({"services"});
    command.insert(command.begin(), {"sh", "-c", "exec \"$@\" " + redirection, "sh"});
    const Finished refused = run_program(command, place.folder());
    INFO(redirection << "\n" << refused.err);
    CHECK(refused.exit_code == 5);
    CHECK(refused.err.find("standard output cannot be written") != std::string::npos);
  }
}

TEST_CASE("Who reads what is printed may leave early") {
  const Place place(service);
  std::vector<std::string> command = place.command({"services", "--help"});
  command.insert(command.begin(), {"bash", "-c", "set -o pipefail; \"$@\" | head -n 1", "bash"});
  const Finished done = run_program(command, place.folder());
  INFO(done.err);
  CHECK(done.exit_code == 0);
  CHECK(done.err.empty());
}

}  // namespace
}  // namespace weft::testing
