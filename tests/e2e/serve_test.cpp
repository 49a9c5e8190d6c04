// SPDX-License-Identifier: Apache-2.0
// The process that stands by: what starts runs by itself, over its death.
#include <csignal>
#include <filesystem>

#include "catch.hpp"
#include "job_server.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

// A folder whose files are sent to a service, one after the other.
class Inbox : private TempFolder, public JobServer, public Place {
 public:
  Inbox() : JobServer(TempFolder::path()), Place(configuration(JobServer::url())) {
    std::filesystem::create_directory(inbox());
    write("describe.toml", R"([pipeline]
name = "describe"
[inputs]
picture = { type = "artifact" }
[tasks.words]
operation = "text.generate"
params    = { prompt = "what ${inputs.picture.name} shows" }
[outputs]
words = "${tasks.words.text}"
)");
  }

  // A file that comes whole.
  void put(const std::string& name) const {
    std::filesystem::rename(write("arriving", "picture " + name), inbox() / name);
  }
  bool all_succeeded(std::size_t count) const {
    const json::array all = runs();
    for (const json::value& run : all)
      if (!has(run.as_object(), "state", "succeeded")) return false;
    return all.size() == count;
  }

 private:
  std::filesystem::path inbox() const { return folder() / "inbox"; }
  static std::string configuration(const std::string& url) {
    return "[services.remote]\ncomponent = \"testing\"\noperations = [\"text.generate\"]\n"
           "price = \"0.01\"\nconfig = { url = \"" +
           url + "\", poll_ms = 20, behaviour = { delay_ms = 500, cost_micros = 10000 } }\n" +
           "[schedules.inbox]\npipeline = \"describe.toml\"\n"
           "files = { folder = \"inbox\", glob = \"*.png\", settle = \"10ms\" }\n"
           "inputs = { picture = \"${file}\" }\n";
  }
};

TEST_CASE("Each file that arrives is sent once, though the process that serves is killed between") {
  const Inbox inbox;
  Program first = inbox.start({"serve"});
  inbox.put("a.png");
  REQUIRE(eventually([&] { return inbox.accepted() == 1; }));
  inbox.put("b.png");
  first.signal(SIGKILL);
  REQUIRE(first.finish().signal == SIGKILL);

  Program second = inbox.start({"serve"});
  REQUIRE(eventually([&] { return inbox.all_succeeded(2); }));
  inbox.put("c.png");  // once it is through, the others have been looked at again as well
  REQUIRE(eventually([&] { return inbox.all_succeeded(3); }));
  second.signal(SIGTERM);
  const Finished stopped = second.finish();
  INFO(stopped.out << stopped.err);
  CHECK(stopped.exit_code == 0);
  CHECK(inbox.runs().size() == 3);
  CHECK(inbox.accepted() == 3);
  CHECK(inbox.each_billed_once());
  CHECK(tasks_done_again(inbox.events()).empty());
  CHECK(count_events(inbox.events(), "schedule.started") == 3);
}

}  // namespace
}  // namespace weft::testing
