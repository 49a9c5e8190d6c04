// SPDX-License-Identifier: Apache-2.0
#include "plugin/gpu_memory.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "catch.hpp"
#include "plugin/child_usage.hpp"
#include "temp_folder.hpp"

using namespace weft;
using namespace weft::plugin;

namespace {

// A /proc in which only what a test says happens.
class Processes {
 public:
  const std::filesystem::path& path() const { return folder_.path(); }
  void says(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((path() / file).parent_path());
    std::ofstream(path() / file) << text;
  }
  std::uint64_t held_by(pid_t process) const { return gpu_memory_bytes(path(), process); }

 private:
  const testing::TempFolder folder_;
};

constexpr std::uint64_t mib = 1 << 20;

// As amdgpu of Linux 6.1 tells it.
std::string amdgpu(int client, int vram_kib, const std::string& slot = "0000:03:00.0") {
  return "pos:\t0\nflags:\t02100002\nmnt_id:\t24\nino:\t1073\ndrm-driver:\tamdgpu\ndrm-client-id:"
         "\t" +
         std::to_string(client) + "\ndrm-pdev:\t" + slot + "\npasid:\t32779\ndrm-memory-vram:\t" +
         std::to_string(vram_kib) +
         " KiB\ndrm-memory-gtt: \t999999 KiB\ndrm-memory-cpu: \t888888 KiB\n"
         "drm-engine-gfx:\t4511 ns\n";
}

}  // namespace

TEST_CASE("a client of a card is counted once, however many descriptors lead to it") {
  const Processes processes;
  processes.says("7/fdinfo/0", "pos:\t0\nflags:\t0100002\nmnt_id:\t26\nino:\t3\n");
  processes.says("7/fdinfo/4", amdgpu(31, 2048));
  processes.says("7/fdinfo/5", amdgpu(31, 2048));
  CHECK(processes.held_by(7) == 2 * mib);
  processes.says("7/fdinfo/6", amdgpu(32, 1024));
  CHECK(processes.held_by(7) == 3 * mib);
}

TEST_CASE(
    "what the children of a process and theirs hold of a card counts, what they inherited once") {
  const Processes processes;
  processes.says("7/fdinfo/4", amdgpu(31, 2048));
  processes.says("7/task/7/children", "");
  processes.says("7/task/9/children", "20 21 ");
  processes.says("20/fdinfo/4", amdgpu(31, 2048));
  processes.says("21/fdinfo/3", amdgpu(40, 4096));
  processes.says("21/task/21/children", "22 ");
  processes.says("22/fdinfo/3", amdgpu(41, 8192));
  processes.says("30/fdinfo/3", amdgpu(50, 65536));
  CHECK(processes.held_by(7) == 14 * mib);
  CHECK(processes.held_by(20) == 2 * mib);
}

TEST_CASE("of several cards the one counts of which the most is held") {
  const Processes processes;
  processes.says("7/fdinfo/4", amdgpu(1, 2048, "0000:03:00.0"));
  processes.says("7/fdinfo/5", amdgpu(1, 3072, "0000:04:00.0"));
  processes.says("7/fdinfo/6", amdgpu(2, 2048, "0000:04:00.0"));
  CHECK(processes.held_by(7) == 5 * mib);
}

TEST_CASE("each driver's words for the memory of the card are understood, and its units") {
  const Processes processes;
  const auto [text, bytes] = GENERATE(table<std::string, std::uint64_t>({
      // Both names of the same, as newer amdgpu has them, and what was only asked for.
      {"drm-driver:\tamdgpu\ndrm-client-id:\t1\ndrm-memory-vram:\t4 KiB\ndrm-resident-vram:\t4 "
       "KiB\n"
       "drm-total-vram:\t8 KiB\ndrm-resident-gtt:\t16 KiB\n",
       4096},
      {"drm-driver:\txe\ndrm-client-id:\t3\ndrm-total-system:\t9 MiB\ndrm-total-vram0:\t23992 KiB\n"
       "drm-shared-vram0:\t16 MiB\ndrm-resident-vram0:\t1 MiB\ndrm-resident-vram1:\t2 MiB\n",
       3 * mib},
      {"drm-driver: i915\ndrm-client-id: 7\ndrm-resident-system0: 5 MiB\n"
       "drm-resident-local0: 7000\ndrm-resident-stolen-local0: 8\n",
       7008},
      {"drm-driver:\tnouveau\ndrm-client-id:\t2\ndrm-total-vram:\t6 MiB\n", 6 * mib},
      // A card without memory of its own takes the machine's, which is counted as that.
      {"drm-driver:\tpanfrost\ndrm-client-id:\t2\ndrm-total-memory:\t6 MiB\n", 0},
      {"drm-driver:\tamdgpu\ndrm-client-id:\t2\ndrm-memory-vram:\tmuch\n", 0},
      {"drm-memory-vram:\t4 KiB\n", 0},
  }));
  INFO(text);
  processes.says("7/fdinfo/3", text);
  CHECK(processes.held_by(7) == bytes);
}

TEST_CASE("nothing is held by a process that is gone, or opened no card") {
  const Processes processes;
  CHECK(processes.held_by(7) == 0);
  processes.says("7/fdinfo/0", "pos:\t0\n");
  CHECK(processes.held_by(7) == 0);
}

TEST_CASE("what a child held of a card is told as the most that was seen of it") {
  const Processes processes;
  processes.says("7/status", "Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t  12 kB\n");
  ChildUsage usage(7, processes.path());
  auto now = usage.next_look();
  for (const int vram_kib : {1024, 3072, 2048}) {
    processes.says("7/fdinfo/3", amdgpu(1, vram_kib));
    usage.look(now);
    now = usage.next_look();
  }
  processes.says("7/fdinfo/3", amdgpu(1, 4096));
  usage.look(now - std::chrono::milliseconds(1));  // it is not time
  const Usage total = usage.total(rusage{});
  CHECK(total.gpu_memory_bytes == 3 * mib);
  CHECK(total.memory_bytes == 12'288);
}
