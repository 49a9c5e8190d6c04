// SPDX-License-Identifier: Apache-2.0
// A whole host with real parts, and a sink that writes down what it is told.
#pragma once
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "artifact/artifact_store.hpp"
#include "net/http_client.hpp"
#include "plugin/host.hpp"
#include "plugin/instance.hpp"
#include "plugin/library.hpp"

namespace weft::plugin::test {

std::filesystem::path plugin_file(const std::string& name);

// A new empty folder, removed at the end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Tells in words what it hears: "started 1", "progress 1 300 sampling", "checkpoint 1 token",
// "ended 1 ok", by the task's number.
class RecordingSink final : public JobSink {
 public:
  explicit RecordingSink(boost::asio::io_context& io) : io_(io) {}
  void started(AttemptRef attempt) override;
  void progressed(AttemptRef attempt, std::int32_t permille, std::string_view stage) override;
  void checkpoint(AttemptRef attempt, std::uint64_t op, std::string token) override;
  void ended(AttemptRef attempt, JobOutcome outcome) override;

  std::vector<std::string> heard() const;
  std::optional<JobOutcome> outcome(TaskNo task) const;
  std::size_t ends() const;
  // Called for each checkpoint, in the thread that told it; empty: nobody makes it durable.
  std::function<void(AttemptRef, std::uint64_t op)> on_checkpoint;

 private:
  void note(std::string what);
  boost::asio::io_context& io_;
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
  std::map<TaskNo, JobOutcome> outcomes_;
  std::size_t ends_ = 0;
};

class MapSecrets final : public SecretSource {
 public:
  std::optional<std::string> get(std::string_view name) override;
  // Takes the next of `spare`, if there is one.
  bool refuse(std::string_view name, std::string_view value, Duration rest) override;
  std::map<std::string, std::string, std::less<>> values;
  std::vector<std::string> spare;
  std::vector<std::string> refused;  // "key sk-1 7000": name, value, milliseconds
};
class MapState final : public StateStore {
 public:
  std::optional<std::string> get(std::string_view service, std::string_view key) override;
  result<> put(std::string_view service, std::string_view key, std::string_view value) override;
  std::map<std::pair<std::string, std::string>, std::string> values;
};

// Somebody who looks at previews, or not.
class Onlooker final : public PreviewSink {
 public:
  bool is_wanted(AttemptRef) const noexcept override { return wanted; }
  void show(AttemptRef attempt, std::string_view media_type, std::string_view bytes) override {
    shown.push_back(std::to_string(attempt.task) + " " + std::string(media_type) + " " +
                    std::to_string(bytes.size()));
  }
  std::atomic<bool> wanted = false;
  std::vector<std::string> shown;  // in the io thread
};

class World {
 public:
  // With the components of this library of test plugins.
  explicit World(const std::string& library = "script");
  ~World();

  // Runs the io_context until the condition holds; false when it does not within 20 s.
  bool until(const std::function<bool()>& condition);
  // Runs what is ready.
  void settle();

  // A service of the library, its name that of the component.
  std::unique_ptr<Instance> make(const std::string& component, json::object config = {},
                                 std::vector<std::string> secrets = {},
                                 std::uint32_t concurrency = 0,
                                 Duration cancel_limit = Duration(10'000));
  // A job whose params are {"steps": <steps>}; `task` is its number.
  Job job(TaskNo task, std::string_view steps, const std::string& operation = "test.script");
  Job job_with(TaskNo task, std::string_view params, const std::string& operation = "test.script");
  // Submits and waits for the end.
  JobOutcome run(Instance& instance, Job job);
  // The member `seen` of a job's result.
  static const json::array& seen(const JobOutcome& outcome);

  ArtifactInfo put(const std::string& bytes, const std::string& media_type);
  std::string content(const json::value& artifact);
  bool logged(const std::string& text) const;

  TestFolder folder;
  boost::asio::io_context io{1};
  observe::Redactor redactor;
  observe::Metrics metrics;
  Onlooker previews;
  MapSecrets secrets;
  MapState state;
  RecordingSink sink{io};
  std::optional<artifact::ArtifactStore> artifacts;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<Host> host;
  InstanceEvents events;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> log_;
  std::optional<observe::Logger> logger_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io.get_executor()};
  std::shared_ptr<const Library> library_;
};

}  // namespace weft::plugin::test
