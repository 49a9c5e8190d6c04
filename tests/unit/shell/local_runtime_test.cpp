// SPDX-License-Identifier: Apache-2.0
// The runtime on a state folder, with an executor that runs what a test says.
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <thread>

#include "work_place.hpp"

using namespace weft;
using namespace weft::shell::test;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view picture = R"(
[operations."test.work".outputs.picture]
media_type = "image/png"
)";

// Steps that write the process id of a child to a file and let the child live on.
std::string child_that_stays(const std::filesystem::path& file) {
  return R"([{"do": "process", "argv": ["sh", "-c", "echo $$ > )" + file.string() +
         R"(; exec sleep 1000"]}])";
}

// Closes it as one does who asks again because it takes too long.
void close_twice(Runtime& runtime) {
  auto closing = std::async(std::launch::async, [&] { runtime.close(false); });
  REQUIRE(eventually([&] { return !runtime.executing(); }));  // it is under way
  runtime.close(true);
  closing.get();
}

std::vector<std::string> names(Runtime& runtime) {
  std::vector<std::string> names;
  for (const ServiceView& service : runtime.services().value()) names.push_back(service.name);
  return names;
}

}  // namespace

TEST_CASE("a close at once hastens one that waits for local work which does not heed it") {
  Place place;
  const auto first = place.folder() / "first", second = place.folder() / "second";
  REQUIRE(::mkfifo(first.c_str(), 0600) == 0);
  REQUIRE(::mkfifo(second.c_str(), 0600) == 0);
  const auto runtime = place.open();
  REQUIRE(runtime->submit(work(R"([{"do": "file", "path": ")" + first.string() +
                               R"("}, {"do": "file", "path": ")" + second.string() + R"("}])")));
  // A pipe can be opened like this when somebody reads it: the worker, which hangs at the next one.
  int opened = -1;
  REQUIRE(eventually([&] { return (opened = ::open(first.c_str(), O_WRONLY | O_NONBLOCK)) >= 0; }));
  ::close(opened);
  close_twice(*runtime);
  CHECK(place.logged("does not let go in time") == 0);  // so it ends when nothing hastens it
  const std::ofstream lets_the_worker_go(second);
}

TEST_CASE("local work that is slow to heed a close may end while its service is destroyed") {
  Place place;
  const auto runtime = place.open();
  const auto begun = place.folder() / "begun";
  REQUIRE(runtime->submit(work(R"([{"do": "process", "argv": ["touch", ")" + begun.string() +
                               R"("]}, {"do": "until_cancelled", "lingers": 300000}])")));
  REQUIRE(eventually([&] { return std::filesystem::exists(begun); }));
  close_twice(*runtime);
}

TEST_CASE("a configuration is looked at once, though a run is first checked and then executed") {
  Place place("[services.nobody]\ncomponent = \"nobody\"\n");
  const auto runtime = place.open();
  REQUIRE(runtime->submit(work("[]")));
  CHECK(runtime->executing());
  CHECK(place.logged("service=nobody") == 1);
}

TEST_CASE("a service that is added to the configuration is there without a restart") {
  Place place;
  const auto runtime = place.open(Role::execute);
  CHECK(names(*runtime) == std::vector<std::string>{"worker"});
  place.configure(std::string(config) + "[services.second]\ncomponent = \"script_worker\"\n");
  CHECK(eventually([&] {
    return names(*runtime) == std::vector<std::string>{"worker", "second"};
  }));
}

TEST_CASE("a configuration that is broken while it is in use changes nothing, and is mended") {
  Place place;
  const auto runtime = place.open(Role::execute);
  const std::string added = std::string(config) + "[services.second]\n";
  place.configure(added + "componnet = \"script_worker\"\n");
  REQUIRE(eventually([&] { return place.logged("cannot be used") > 0; }));
  CHECK(place.logged("did you mean 'component'?") == 1);
  CHECK(names(*runtime) == std::vector<std::string>{"worker"});
  const auto run = runtime->submit(work("[]"));
  REQUIRE(run);
  CHECK(runtime->wait(*run)->state == "succeeded");
  place.configure(added + "component = \"script_worker\"\n");
  CHECK(eventually([&] { return names(*runtime).size() == 2; }));
}

TEST_CASE("what a service has under way when it is taken out of the configuration is ended by it") {
  Place place;
  const auto pipe = place.folder() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const auto runtime = place.open(Role::execute);
  const auto run = runtime->submit(work(R"([{"do": "file", "path": ")" + pipe.string() + R"("}])"));
  REQUIRE(run);
  REQUIRE(eventually([&] { return runtime->task(*run, "a")->task.state == "running"; }));
  std::string renamed(config);
  renamed.replace(renamed.find("services.worker"), 15, "services.heiress");
  place.configure(renamed);
  REQUIRE(eventually([&] { return names(*runtime) == std::vector<std::string>{"heiress"}; }));
  { const std::ofstream lets_the_worker_go(pipe); }
  CHECK(runtime->wait(*run)->state == "succeeded");
  const auto detail = runtime->task(*run, "a").value();
  REQUIRE(detail.attempts.size() == 1);
  CHECK(detail.attempts[0].service == "worker");
  const auto next = runtime->submit(work("[]"));
  REQUIRE(next);
  CHECK(runtime->wait(*next)->state == "succeeded");
  CHECK(runtime->task(*next, "a")->attempts.at(0).service == "heiress");
}

TEST_CASE("services tell what became of their attempts, also of those of an earlier process") {
  Place place;
  for (std::uint64_t ended = 1; ended <= 2; ++ended) {
    {
      const auto runtime = place.open(Role::execute);
      const auto run = runtime->submit(work("[]"));
      REQUIRE(run);
      REQUIRE(runtime->wait(*run)->state == "succeeded");
    }
    const auto services = place.open(Role::client)->services().value();
    REQUIRE(services.at(0).use.size() == 2);
    CHECK(services[0].use[0].operation == "");
    CHECK(services[0].use[0].ended == ended);
    CHECK(services[0].use[0].succeeded == ended);
    CHECK(services[0].use[1].operation == "test.work");
    CHECK(services[0].in_flight == 0);
  }
}

TEST_CASE("a definition that is refused leaves no trace in the state folder") {
  Place place;
  const auto runtime = place.open();
  CHECK(runtime->submit(work("7")).has_error());
  CHECK_FALSE(std::filesystem::exists(place.folder() / "state"));
}

TEST_CASE("when the store fails, local work is ended at once, and waiting ends with the error") {
  Place place;
  const auto runtime = place.open();
  const auto run = runtime->submit(work(child_that_stays(place.folder() / "child")));
  REQUIRE(run);
  REQUIRE(eventually([&] { return place.process_in("child") > 0; }));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((place.folder() / "state" / "weft.db").c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 30'000);
  REQUIRE(sqlite3_exec(db, "DROP TABLE event", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  CHECK(runtime->submit(work("[]")).has_error());
  CHECK(eventually([&] { return ::kill(place.process_in("child"), 0) != 0; }));
  CHECK(runtime->wait(*run).has_error());
}

TEST_CASE("a process that stands by learns that its store has failed") {
  Place place;
  const auto runtime = place.open(Role::execute);
  CHECK_FALSE(runtime->failure());
  REQUIRE(runtime->wait(runtime->submit(work("[]")).value()));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((place.folder() / "state" / "weft.db").c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 30'000);
  REQUIRE(sqlite3_exec(db, "DROP TABLE event", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  CHECK(runtime->submit(work("[]")).has_error());
  REQUIRE(eventually([&] { return runtime->failure().has_value(); }));
  CHECK_FALSE(runtime->wait_for_events(UINT64_MAX, 10min));
}

TEST_CASE("what a client asks for while nobody executes is kept, and carried out by the next") {
  Place place;
  std::string run;
  {
    const auto client = place.open(Role::client);
    const auto submitted = client->submit(work(child_that_stays(place.folder() / "child")));
    REQUIRE(submitted);
    run = *submitted;
    const auto paused = client->pause(run);
    REQUIRE(paused);
    CHECK(paused->starts_with("kept"));
    CHECK(client->run(run)->state == "active");
  }
  const auto executing = place.open(Role::execute);
  CHECK(eventually([&] { return executing->run(run)->state == "paused"; }));
}

TEST_CASE("an artifact that a task made and the run gives out is listed and verified once") {
  Place place(picture);
  const auto runtime = place.open();
  Submission submission =
      work(R"([{"do": "output", "name": "picture", "bytes": "iVBORw0KGgo=", "base64": true}])");
  submission.definition.insert(submission.definition.size() - 1,
                               R"(, "outputs": {"picture": "${tasks.a.picture}"})");
  const auto run = runtime->submit(submission);
  REQUIRE(run);
  REQUIRE(runtime->wait(*run)->state == "succeeded");
  const auto listed = runtime->artifacts(*run).value();
  REQUIRE(listed.size() == 1);
  CHECK(listed.front().task == "a");
  std::filesystem::remove(runtime->artifact(listed.front().digest).value());
  CHECK(runtime->verify_artifacts({}).value().size() == 1);
  const auto missing = runtime->artifact(listed.front().digest, place.folder());
  REQUIRE(missing.has_error());
  CHECK(missing.error().remedy.find("weft fork " + *run + " 'a'") != std::string::npos);
}

TEST_CASE("what the tasks of its pipelines ask is not asked by a group itself") {
  Place place;
  const auto runtime = place.open();
  Submission submission;
  submission.file = "p.toml";
  submission.definition = R"([pipeline]
name = "p"
[tasks.scene]
for_each = "[1, 2]"
pipeline.pipeline = { name = "inner" }
pipeline.tasks.pick = { approve = { message = "which?", choices = ["a", "b"] } }
)";
  const auto run = runtime->submit(submission);
  REQUIRE(run);
  REQUIRE(runtime->wait(*run)->tasks.at("waiting") == 2);
  CHECK(runtime->task(*run, "scene[1]/pick")->question_json.find("which?") != std::string::npos);
  CHECK(runtime->task(*run, "scene")->question_json.empty());
}

TEST_CASE("a service that is drained stays out of use until it is enabled, whoever executes") {
  Place place;
  REQUIRE(place.open()->drain_service("worker", "new graphics card"));
  const auto runtime = place.open(Role::execute);
  const auto run = runtime->submit(work("[]"));
  REQUIRE(run);
  const ServiceView drained = runtime->services().value().at(0);
  CHECK(drained.health == "disabled");
  CHECK(drained.health_reason == "by hand: new graphics card");
  REQUIRE(eventually([&] { return runtime->task(*run, "a")->task.state == "ready"; }));
  CHECK(runtime->task(*run, "a")->task.why == "worker: out of use: by hand: new graphics card");
  const auto enabled = runtime->enable_service("worker");
  REQUIRE(enabled);
  CHECK(*enabled == "worker is in use again");
  CHECK(runtime->wait(*run)->state == "succeeded");
  CHECK(runtime->services().value().at(0).health == "healthy");
}

TEST_CASE("the configuration takes a service out of use while it is in use, and back") {
  Place place;
  const auto runtime = place.open(Role::execute);
  std::string disabled(config);
  const std::string key = "component = \"script_worker\"\n";
  disabled.insert(disabled.find(key) + key.size(), "enabled = false\n");
  place.configure(disabled);
  const auto health = [&] { return runtime->services().value().at(0).health; };
  REQUIRE(eventually([&] { return health() == "disabled"; }));
  const auto refused = runtime->enable_service("worker");
  REQUIRE(refused.has_error());
  CHECK(refused.error().message.find("the configuration says") != std::string::npos);
  const auto run = runtime->submit(work("[]"));
  REQUIRE(run);
  place.configure(std::string(config));
  CHECK(runtime->wait(*run)->state == "succeeded");
  CHECK(health() == "healthy");
}

TEST_CASE("a service that is not configured cannot be drained, and the nearest one is named") {
  Place place;
  const auto drained = place.open()->drain_service("worke");
  REQUIRE(drained.has_error());
  CHECK(drained.error().kind == ErrorKind::not_found);
  CHECK(drained.error().remedy.find("worker") != std::string::npos);
}

TEST_CASE("a new value of a secret reopens the services that were refused for the old one") {
  Place place;
  std::string with_key(config);
  const std::string component = "component = \"script_worker\"\n";
  with_key.insert(with_key.find(component) + component.size(), "secrets = [\"key\"]\n");
  place.configure(with_key);
  const auto runtime = place.open(Role::execute);
  const auto refused = runtime->submit(work(R"([{"do": "return", "status": 8}])"));
  REQUIRE(refused);
  REQUIRE(runtime->wait(*refused)->state == "failed");
  const auto worker = [&] { return runtime->services().value().at(0); };
  REQUIRE(worker().health == "open");
  REQUIRE(place.open(Role::client)->set_secret("other", "value", SecretPlace::only));
  REQUIRE(place.open(Role::client)->set_secret("key", "new value", SecretPlace::first));
  CHECK(eventually([&] { return worker().health == "healthy"; }));
  CHECK(worker().health_reason == "the secret 'key' has a new value");
  const auto run = runtime->submit(work("[]"));
  REQUIRE(run);
  CHECK(runtime->wait(*run)->state == "succeeded");
}

TEST_CASE("a service that does not answer a probe is left alone while its job still runs") {
  Place place(R"(
[services.prober]
component = "script"
price = 0
config = { health = 16, offer = { operations = [{ name = "test.work" }] } }
health = { failures = 1, probe_every = "1s" }
)");
  const auto runtime = place.open(Role::execute);
  REQUIRE(runtime->drain_service("worker"));
  const auto run = runtime->submit(work(R"([{"do": "wait"}])"));
  REQUIRE(run);
  const auto prober = [&] { return runtime->services().value().at(1); };
  REQUIRE(eventually([&] { return prober().health == "open"; }));
  CHECK(prober().health_reason.find("not_sent: asked whether it is well: three wait") !=
        std::string::npos);
  CHECK(prober().in_flight == 1);
  REQUIRE(runtime->cancel(*run));
  CHECK(runtime->wait(*run)->state == "cancelled");
}
