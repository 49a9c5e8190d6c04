// SPDX-License-Identifier: Apache-2.0
// What people see of a service that does not work.
#include "catch.hpp"
#include "place.hpp"

namespace weft::testing {
namespace {

std::string service(const std::string& name, const std::string& behaviour,
                    const std::string& more = {}) {
  return "[services." + name +
         "]\ncomponent = \"testing\"\noperations = [\"text.generate\"]\nprice = 0\nconfig = { "
         "behaviour = " +
         behaviour + " }\n" + more;
}

constexpr std::string_view definition = R"(
[pipeline]
name = "wait"
[tasks.a]
operation = "text.generate"
params    = { prompt = "a" }
retry     = { attempts = 9, backoff = "1ms", max_backoff = "1ms" }
)";

bool says(const Finished& finished, std::string_view text) {
  return finished.out.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("A dead service is left alone, and services, why and show say so, also after a restart") {
  const Place place(service("flaky", "{ fail = \"transient\", message = \"connection refused\" }",
                            "health = { failures = 2, open = \"1h\" }\n"));
  const std::string file = place.write("wait.toml", definition);
  Program running = place.start({"run", file});
  REQUIRE(eventually([&] { return says(place.weft({"services"}), "open until"); }));
  const std::string run = place.newest_run();
  const std::string reason = "2 failures in a row, the last one transient: connection refused";
  const Finished why = place.weft({"why", run, "a"});
  INFO(why.out << why.err);
  CHECK(says(why, "flaky: left alone until "));
  CHECK(says(why, reason));
  CHECK(says(place.weft({"--json", "show", run}), "flaky: left alone until "));
  CHECK(says(place.weft({"--json", "events", "--all"}), R"("type":"service.open")"));
  CHECK(place.weft({"cancel", run}).exit_code == 0);
  running.finish();

  const Finished services = place.weft({"--json", "services"});
  INFO(services.out);
  CHECK(says(services, R"("health":"open")"));
  CHECK(says(services, reason));
}

TEST_CASE("A wrong key fails what nobody else can do, and the next process tries again") {
  const Place place(service("cloud", "{ fail = \"auth\", message = \"no such key\" }"));
  const std::string file = place.write("wait.toml", definition);
  const Finished first = place.weft({"run", file});
  CHECK(first.exit_code == 1);
  const Finished services = place.weft({"services"});
  INFO(services.out);
  CHECK(says(services, "open until the configuration is read again: auth: no such key"));
  CHECK(place.weft({"run", file}).exit_code == 1);
  CHECK(count_events(place.events(place.newest_run()), "task.started", "a") == 1);
}

TEST_CASE("A dead service costs no more attempts than were under way when it was left alone") {
  const Place place(service("dead", "{ fail = \"not_sent\" }",
                            "limits = { concurrency = 4 }\nhealth = { open = \"1h\" }\n") +
                    service("good", "{}"));
  const std::string file = place.write("many.toml", R"(
[pipeline]
name = "many"
[tasks.a]
for_each  = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]"
operation = "text.generate"
params    = { prompt = "a" }
[tasks.b]
needs     = ["a"]
for_each  = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]"
operation = "text.generate"
params    = { prompt = "b" }
)");
  const Finished done = place.weft({"run", file});
  INFO(done.out << done.err);
  CHECK(done.exit_code == 0);
  int asked = 0;
  for (const json::object& event : place.events(place.newest_run()))
    if (event.at("type") == "task.started" && event.at("data").at("service") == "dead") ++asked;
  CHECK(asked >= 3);
  CHECK(asked <= 4 + 2);  // two more take a place over until the third failure is heard of
}

}  // namespace weft::testing
