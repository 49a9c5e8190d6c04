// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <weft/adapter.h>
#include <weft/executor.h>
#include <weft/host.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "plugin/core.hpp"
#include "plugin/instance.hpp"
#include "plugin/offer_table.hpp"

namespace weft::plugin {

// Functions belong to the io thread where nothing else is said.
class Instance::Impl : public std::enable_shared_from_this<Instance::Impl> {
 public:
  Impl(Host& host, Component component, ServiceSetup setup, JobSink& sink, InstanceEvents events);

  // ---- instance.cpp: its life
  result<> start(const json::object& config);
  void drain(Duration limit, std::function<void()> done);
  void destroy();

  // ---- instance_jobs.cpp
  // With a token: attach.
  void begin(Job job, const std::optional<std::string>& token);
  void cancel(AttemptRef attempt);
  void interrupt(weft_id id);

  // ---- instance_calls.cpp
  void describe(Duration limit, std::function<void(result<Offer>)> done);
  void probe(Duration limit, std::function<void(Health)> done);
  // Makes a call that the plugin ends; `done` gets its end, or `deadline` after `limit`.
  void ask(const char* function, Duration limit, const std::function<weft_status(weft_id)>& begin,
           Core::OnCallEnd done);

  const std::shared_ptr<Core> core;
  const Component component;
  const ServiceSetup setup;

 private:
  struct QueuedJob {
    weft_id id;
    Job job;
    Asked asked;
  };
  Error not_made(weft_status status) const;
  result<> find_interface();
  std::optional<Asked> check(const Job& job);
  void submit_to_adapter(weft_id id, const Job& job, const Asked& asked,
                         const std::optional<std::string>& token);
  void watch_cancelled(weft_id id);
  // Any thread: starts what waits while there is room.
  void run_waiting();
  // In a worker.
  void run(const QueuedJob& queued);
  bool take_from_queue(weft_id id);
  // Goes on with a drain once no worker is in the plugin.
  void drain_when_idle();
  void drain_plugin();
  void drained();

  const weft_adapter* adapter_ = nullptr;  // one of these two
  const weft_executor* executor_ = nullptr;
  std::optional<OfferTable> offer_;  // the last good answer
  bool draining_ = false;
  bool plugin_drains_ = false;
  std::function<void()> on_drained_;

  std::mutex workers_mutex_;
  std::condition_variable worker_left_;
  std::deque<QueuedJob> waiting_;
  std::uint32_t running_ = 0;
};

}  // namespace weft::plugin
