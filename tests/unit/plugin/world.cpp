// SPDX-License-Identifier: Apache-2.0
#include "world.hpp"

#include <stdlib.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/json.hpp>
#include <chrono>

namespace weft::plugin::test {

namespace fs = std::filesystem;

fs::path plugin_file(const std::string& name) {
  return fs::path(WEFT_TEST_PLUGINS) / (name + ".so");
}

TestFolder::TestFolder() {
  std::string pattern = (fs::temp_directory_path() / "weft-plugin-XXXXXX").string();
  path_ = ::mkdtemp(pattern.data());
}
TestFolder::~TestFolder() {
  fs::remove_all(path_);
}

void RecordingSink::note(std::string what) {
  {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::move(what));
  }
  boost::asio::post(io_, [] {});  // wakes World::until
}
void RecordingSink::started(AttemptRef attempt) {
  note("started " + std::to_string(attempt.task));
}
void RecordingSink::progressed(AttemptRef attempt, std::int32_t permille, std::string_view stage) {
  note("progress " + std::to_string(attempt.task) + " " + std::to_string(permille) + " " +
       std::string(stage));
}
void RecordingSink::checkpoint(AttemptRef attempt, std::uint64_t op, std::string token) {
  note("checkpoint " + std::to_string(attempt.task) + " " + token);
  if (on_checkpoint) on_checkpoint(attempt, op);
}
void RecordingSink::ended(AttemptRef attempt, JobOutcome outcome) {
  {
    const std::lock_guard lock(mutex_);
    ++ends_;
  }
  const std::string word(to_string(outcome.outcome));
  {
    const std::lock_guard lock(mutex_);
    outcomes_[attempt.task] = std::move(outcome);
  }
  note("ended " + std::to_string(attempt.task) + " " + word);
}
std::vector<std::string> RecordingSink::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}
std::optional<JobOutcome> RecordingSink::outcome(TaskNo task) const {
  const std::lock_guard lock(mutex_);
  const auto found = outcomes_.find(task);
  if (found == outcomes_.end()) return std::nullopt;
  return found->second;
}
std::size_t RecordingSink::ends() const {
  const std::lock_guard lock(mutex_);
  return ends_;
}

std::optional<std::string> MapSecrets::get(std::string_view name) {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  return found->second;
}
bool MapSecrets::refuse(std::string_view name, std::string_view value, Duration rest) {
  refused.push_back(std::string(name) + " " + std::string(value) + " " +
                    std::to_string(rest.count()));
  if (spare.empty()) return false;
  values.insert_or_assign(std::string(name), spare.front());
  spare.erase(spare.begin());
  return true;
}
std::optional<std::string> MapState::get(std::string_view service, std::string_view key) {
  const auto found = values.find({std::string(service), std::string(key)});
  if (found == values.end()) return std::nullopt;
  return found->second;
}
result<> MapState::put(std::string_view service, std::string_view key, std::string_view value) {
  values[{std::string(service), std::string(key)}] = value;
  return {};
}

World::World(const std::string& library) {
  logger_ = observe::Logger::to_sink(
      [this](observe::Level, std::string_view line) {
        const std::lock_guard lock(mutex_);
        log_.emplace_back(line);
      },
      redactor, observe::Level::trace);
  artifacts = artifact::ArtifactStore::open(folder.path() / "artifacts").value();
  http = std::make_unique<net::HttpClient>(io, net::HttpClientOptions{}, *logger_);
  host = Host::create({io, *http, *artifacts, redactor, metrics, secrets, state, *logger_,
                       folder.path() / "work", nullptr, &previews})
             .value();
  library_ = Library::load(plugin_file(library)).value();
}

World::~World() {
  host.reset();
}

bool World::until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    io.run_one_for(std::chrono::milliseconds(20));
  }
  return true;
}

void World::settle() {
  while (io.poll() > 0) {
  }
}

std::unique_ptr<Instance> World::make(const std::string& component, json::object config,
                                      std::vector<std::string> names, std::uint32_t concurrency,
                                      Duration cancel_limit) {
  const auto& components = library_->manifest().components;
  const auto at = std::ranges::find(components, component, &ComponentManifest::name);
  ServiceSetup setup;
  setup.service = component;
  setup.config = std::move(config);
  setup.secrets = std::move(names);
  setup.concurrency = concurrency;
  setup.cancel_limit = cancel_limit;
  return Instance::create(*host,
                          Component(library_, static_cast<std::size_t>(at - components.begin())),
                          std::move(setup), sink, events)
      .value();
}

Job World::job(TaskNo task, std::string_view steps, const std::string& operation) {
  return job_with(task, "{\"steps\": " + std::string(steps) + "}", operation);
}

Job World::job_with(TaskNo task, std::string_view params, const std::string& operation) {
  BoundTask bound;
  bound.params = json::parse(params).as_object();
  Job made;
  made.attempt = {RunId{Uuid::v4({1, 2, 3})}, task, 1};
  made.operation = operation;
  made.task = std::make_shared<BoundTask>(std::move(bound));
  made.label = "task[" + std::to_string(task) + "]";
  made.idempotency_key = Uuid::v4({9, 9, 9});
  return made;
}

JobOutcome World::run(Instance& instance, Job job) {
  const TaskNo task = job.attempt.task;
  instance.submit(std::move(job));
  if (!until([&] { return sink.outcome(task).has_value(); })) {
    JobOutcome none;
    none.outcome = Outcome::deadline;
    none.message = "the test waited in vain";
    return none;
  }
  return *sink.outcome(task);
}

const json::array& World::seen(const JobOutcome& outcome) {
  return outcome.outputs.at("seen").as_array();
}

ArtifactInfo World::put(const std::string& bytes, const std::string& media_type) {
  const auto blob = artifacts->put_bytes(std::string_view(bytes)).value();
  return {blob.digest, blob.size_bytes, media_type, "input"};
}

std::string World::content(const json::value& artifact) {
  const auto info = artifact_from_json(artifact);
  return info ? artifacts->read(info->digest, info->size_bytes).value() : "(no artifact)";
}

bool World::logged(const std::string& text) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(
      log_, [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

}  // namespace weft::plugin::test
