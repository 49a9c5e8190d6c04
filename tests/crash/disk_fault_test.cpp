// SPDX-License-Identifier: Apache-2.0
// The whole of weft, command line included, in this process, on a disk that fails or loses its
// power at a call of one's choice: it ends with a word about the disk, and when the disk is mended
// the run is carried on with nothing lost and nothing bought twice.
#include <boost/json/parse.hpp>
#include <iostream>
#include <sstream>

#include "catch.hpp"
#include "command_line.hpp"
#include "crash_place.hpp"
#include "fault_vfs.hpp"
#include "power_vfs.hpp"

namespace weft::testing {
namespace {

std::string disk_services(const std::string& url) {
  return "[services.words]\ncomponent = \"testing\"\noperations = [\"text.generate\"]\n"
         "price = \"0.01\"\nconfig = { url = \"" +
         url +
         "\", poll_ms = 2, behaviour = { delay_ms = 4, cost_micros = 10000 } }\n"
         "[services.pictures]\ncomponent = \"testing\"\noperations = [\"image.generate\"]\n"
         "price = 0\n";
}

// One is bought at the job server, the other made here.
constexpr std::string_view disk_definition = R"(
[pipeline]
name = "two_tasks"
[tasks.words]
operation = "text.generate"
params    = { prompt = "a lighthouse" }
[tasks.picture]
operation = "image.generate"
params    = { prompt = "${tasks.words.text}", width = 16, height = 16 }
[outputs]
picture = "${tasks.picture.image}"
)";

struct Said {
  int code = 0;
  std::string out, err;
};

// `weft` with these arguments, in this process.
Said weft_here(const Place& place, std::vector<std::string> arguments) {
  std::ostringstream out, err;
  const cli::Surroundings surroundings{
      out,    err, -1, -1, [](RuntimeOptions options) { return Runtime::open(std::move(options)); },
      "test", {}};
  arguments.insert(arguments.begin(),
                   {"--config", place.config().string(), "--state", place.state().string()});
  const int code = cli::run_command_line(surroundings, arguments);
  return {code, out.str(), err.str()};
}

class DiskPlace : public CrashPlace {
 public:
  DiskPlace() : CrashPlace(disk_services) { file_ = write("two.toml", disk_definition); }

  Said run() const { return weft_here(*this, {"run", file_, "--id", crash_run}); }

  // On a disk that is well again.
  void check_recovery() const {
    Said done = weft_here(*this, {"resume", crash_run});
    if (done.code == 3) done = run();
    INFO(done.out << done.err);
    CHECK(done.code == 0);
    CHECK(accepted() == 1);
    CHECK(each_billed_once());
    const auto events = log();
    CHECK(tasks_done_again(events).empty());
    CHECK(count_events(events, "task.succeeded") == 2);
    CHECK(count_events(events, "run.succeeded") == 1);
    for (std::size_t i = 0; i < events.size(); ++i) CHECK(events[i].at("run_seq") == i + 1);
    CHECK(weft_here(*this, {"artifact", "verify"}).code == 0);
  }

 private:
  std::vector<json::object> log() const {
    std::istringstream lines(weft_here(*this, {"--json", "events", crash_run}).out);
    std::vector<json::object> events;
    for (std::string line; std::getline(lines, line);)
      events.push_back(json::parse(line).as_object());
    return events;
  }
  std::string file_;
};

void check_told(const Said& broken, const Place& place) {
  if (broken.code == 0) return;  // the call belonged to something that can be done without
  INFO(broken.out << broken.err);
  CHECK(broken.code == 5);
  CHECK(broken.err.find(place.state().string()) != std::string::npos);
}

// Answers how many calls there were.
std::uint64_t fail_at(Fault fault, std::uint64_t first, std::uint64_t stride) {
  std::uint64_t nth = first;
  for (;; nth += stride) {
    CAPTURE(nth);
    const DiskPlace place;
    FaultVfs vfs("weft-fault", true);
    vfs.fail_from(nth, fault);
    const Said broken = place.run();
    const bool failed = vfs.calls() >= nth;
    vfs.pass();
    if (!failed) CHECK(broken.code == 0);
    check_told(broken, place);
    place.check_recovery();
    if (!failed) return nth;
  }
}

std::uint64_t cut_at(Kept kept, std::uint64_t first, std::uint64_t stride) {
  std::uint64_t nth = first;
  for (;; nth += stride) {
    CAPTURE(nth);
    const DiskPlace place;
    PowerVfs vfs("weft-power", true);
    vfs.cut_at(nth, kept, nth);
    const Said broken = place.run();
    const bool cut = vfs.is_cut();
    vfs.start_again();
    if (!cut) CHECK(broken.code == 0);
    check_told(broken, place);
    place.check_recovery();
    if (!cut) return nth;
  }
}

constexpr std::uint64_t stride = 13;

TEST_CASE("On a disk with I/O errors a run ends with a word about it and can be carried on") {
  fail_at(Fault::io_error, 1, stride);
}
TEST_CASE("On a disk that gets full a run ends with a word about it and can be carried on") {
  fail_at(Fault::disk_full, 3, stride);
  fail_at(Fault::short_write, 5, 2 * stride);
}
TEST_CASE("On a disk whose fsync fails a run ends with a word about it and can be carried on") {
  fail_at(Fault::sync_fails, 2, stride / 2);
}
TEST_CASE("On a disk that cannot be read a run ends with a word about it and can be carried on") {
  fail_at(Fault::unreadable, 4, stride);
}
TEST_CASE("After a power cut a run is carried on with nothing lost and nothing bought twice") {
  cut_at(Kept::nothing, 6, stride);
  cut_at(Kept::torn, 7, stride);
}

TEST_CASE("A disk that fails at any call costs no run", "[.full]") {
  for (const Fault fault : {Fault::io_error, Fault::disk_full, Fault::short_write,
                            Fault::sync_fails, Fault::unreadable})
    std::cout << "fault " << static_cast<int>(fault) << ": " << fail_at(fault, 1, 1) - 1
              << " calls, each failed once" << std::endl;
}

TEST_CASE("A power cut at any call costs no run", "[.full]") {
  for (const Kept kept : {Kept::nothing, Kept::some, Kept::torn})
    std::cout << "power cut " << static_cast<int>(kept) << ": " << cut_at(kept, 1, 1) - 1
              << " calls, each cut once" << std::endl;
}

}  // namespace
}  // namespace weft::testing
