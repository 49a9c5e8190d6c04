// SPDX-License-Identifier: Apache-2.0
// One configured service: a living instance of a component.
//
//   auto instance = Instance::create(host, *libraries.find("comfyui"), std::move(setup), sink);
//   (*instance)->describe(30s, [](result<Offer> offer) { ... });
//   (*instance)->submit(std::move(job));          // sink.started, ..., sink.ended
//   (*instance)->drain(10s, [] { ... });          // then let it go
//
// It keeps the laws of the ABI on both sides: calls marked [strand] are made one at a time in the
// thread that runs the host's io_context, calls marked [worker] in threads of the host's pool; each
// job ends exactly once, and what a plugin says after that is dropped and logged.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "model/outcome.hpp"
#include "plugin/host.hpp"
#include "plugin/job.hpp"
#include "plugin/library.hpp"

struct weft_instance;

namespace weft::plugin {

struct ServiceSetup {
  std::string service;               // its name
  json::object config;               // unchecked
  SourcePosition config_position;    // where it stands, for errors
  std::vector<std::string> secrets;  // names it may use
  std::uint32_t concurrency = 0;     // jobs of an executor that run at a time; 0: no limit
  // How long a cancelled job may take to end; then it is ended here, as `unknown`, since nobody
  // can tell what became of it.
  Duration cancel_limit{10'000};
};

// The answer to a probe: Outcome::ok, what a job would end with now, or `deadline` when none came.
struct Health {
  Outcome outcome = Outcome::ok;
  std::string message;
  json::object details;  // "queue", "models", "free_vram_bytes", as far as known
};

// Told when an instance as a whole changes. Called in the io thread; must not destroy the instance.
struct InstanceEvents {
  // The plugin is defective (three jobs in a row ended internal or exhausted): nothing more is
  // submitted; what comes ends as not_sent, or unknown where it was to be attached.
  std::function<void(std::string reason)> on_quarantined;
  // The plugin asks to be asked again: describe(), or probe().
  std::function<void()> on_offer_changed;
  std::function<void()> on_health_changed;
};

// submit, attach, cancel, interrupt and checkpointed may be called by any thread and return at
// once; the rest belongs to the io thread, or to one thread while nobody runs the io_context.
class Instance {
 public:
  // Checks the configuration (check_config) and makes the instance. Kind invalid: configuration;
  // failed: the plugin would not. `host` and `sink` must outlive the instance.
  static result<std::unique_ptr<Instance>> create(Host& host, Component component,
                                                  ServiceSetup setup, JobSink& sink,
                                                  InstanceEvents events = {});
  // Destroys it, with a drain or without: local work is interrupted and waited for, operations
  // under way are dropped, nothing remote is cancelled, and nothing more is told to the sink.
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const std::string& service() const noexcept;
  const ComponentManifest& component() const noexcept;
  // What the plugin made, for conformance checks; whoever calls it keeps the laws himself.
  const weft_instance& raw() const noexcept;

  // What it can do. Of an executor: from its manifest. Answered once, in the io thread (never when
  // the instance goes before). Kind machine: the service behind it cannot be asked now; failed: the
  // plugin is defective, or takes longer than `limit`; invalid: the answer is malformed. From then
  // on jobs are checked against the last good answer.
  void describe(Duration limit, std::function<void(result<Offer>)> done);
  // Whether it is well; costs nothing. A plugin that has no answer of its own to that is asked what
  // it can do; an executor is well.
  void probe(Duration limit, std::function<void(Health)> done);

  // JobSink::ended follows exactly once, unless drain() comes between.
  void submit(Job job);
  // Goes on after a restart; an empty token: look it up by the idempotency key.
  void attach(Job job, std::string token);
  // A wish: the end still comes. Remote work is cancelled at the service; children are killed.
  void cancel(AttemptRef attempt);
  // Ends an executor's job as `interrupted`; an adapter's job goes on.
  void interrupt(AttemptRef attempt);
  // The checkpoint announced with `op` is durable.
  void checkpointed(AttemptRef attempt, std::uint64_t op);

  // Lets go: executors are interrupted and waited for (and tell their ends); jobs of an adapter are
  // left running remotely, and their ends are not told: the next runtime attaches to them. After
  // `limit` it waits no longer. `done` is called once, in the io thread; only destruction may
  // follow.
  void drain(Duration limit, std::function<void()> done);

 private:
  class Impl;
  explicit Instance(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::plugin
