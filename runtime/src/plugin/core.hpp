// SPDX-License-Identifier: Apache-2.0
// The inside of an instance, as its host services see it.
#pragma once
#include <weft/abi.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

#include "plugin/expression_table.hpp"
#include "plugin/host_impl.hpp"
#include "plugin/instance.hpp"
#include "plugin/job_table.hpp"
#include "plugin/operation_table.hpp"
#include "plugin/text.hpp"

namespace weft::plugin {

// Everything may be called by any thread unless it says otherwise.
class Core : public std::enable_shared_from_this<Core> {
 public:
  using Strand = boost::asio::strand<boost::asio::io_context::executor_type>;
  using OnCallEnd = std::function<void(JobOutcome)>;

  Core(Host::Impl& host, std::string service, const std::vector<std::string>& secrets,
       JobSink& sink, InstanceEvents events);

  // ---- the two ways to plugin code

  // Runs `work` later in the io thread, one at a time; never once the instance is destroyed.
  void on_strand(std::function<void(Core&)> work);
  // Tells the one end of an operation; nothing if it was told. `fill` sets what this kind of event
  // has beside its head, on the strand; what it borrows it must own.
  template <class Event = weft_event>
  void finish(weft_id op, std::uint32_t type, weft_status status, std::string message = {},
              std::function<void(Event&)> fill = {});
  // An event that does not end its operation.
  void deliver(std::function<void(const weft_instance&)> tell);
  // Calls a [strand] function and says so if it dawdles. In the io thread.
  template <class Call>
  auto call(const char* function, Call make);

  // ---- what services need

  // Checks the ids and begins it. WEFT_BAD_INPUT: the id is in use, or the job is not open.
  weft_status start(weft_id op, weft_id job, const std::shared_ptr<Operation>& operation);
  void cancel_operation(weft_id op);
  // The end of a job or call, as weft_job.end says it.
  void end(weft_id id, const weft_result* result);
  // Ends a job and cancels what it still has under way. False: it is unknown or has ended.
  bool end_job(weft_id id, JobOutcome outcome);
  // A path in the folder of a job; empty when the job is not open.
  std::filesystem::path job_folder(weft_id job);
  // A secret's value, audited; nothing when it is not listed or not set.
  std::optional<std::string> secret(std::string_view name);
  // The plugin broke a law.
  void misbehaved(std::string_view what, weft_id id = 0) const;
  bool is_destroyed() const noexcept { return destroyed_; }
  // Its destroy has returned: nothing of the plugin may call any more.
  bool is_gone() const noexcept { return gone_; }

  // ---- calls that the host makes and the plugin ends

  weft_id open_call(OnCallEnd done);
  // False: there is no such call, or it has ended.
  bool end_call(weft_id id, JobOutcome outcome);

  // Destroys the plugin's instance. In the io thread, or when nobody runs the io_context.
  void destroy();

  Host::Impl& host;
  const std::string service;
  const observe::Logger log;
  Strand strand;
  JobTable jobs;
  OperationTable operations;
  ExpressionTable expressions;
  InstanceEvents events;

  weft_host host_table{};                   // what the plugin sees of us
  const weft_instance* instance = nullptr;  // what we see of the plugin
  std::string complaint;                    // the last error it logged while it was being made
  bool blocks = false;                      // its jobs run in workers (an executor)
  // The plugin is given up: why. Empty while it is well. In the io thread.
  std::string quarantine;

 private:
  void closed(const JobTable::Closed& job);
  void count_defects(const JobTable::Closed& job);
  void note_duration(const char* function, std::chrono::steady_clock::duration took);

  const std::set<std::string, std::less<>> secrets_;
  std::atomic<bool> destroyed_{false};
  std::atomic<bool> gone_{false};
  bool dawdled_ = false;      // in the io thread
  int defects_in_a_row_ = 0;  // in the io thread
  std::mutex calls_mutex_;
  std::unordered_map<weft_id, OnCallEnd> calls_;
};

// Event is weft_event or begins with one.
template <class Event>
weft_event& head_of(Event& event) noexcept {
  if constexpr (std::is_same_v<Event, weft_event>)
    return event;
  else
    return event.head;
}
template <class Event>
Event make_event(weft_id op, std::uint32_t type, weft_status status) noexcept {
  Event event{};
  head_of(event).size = sizeof event;
  head_of(event).type = type;
  head_of(event).id = op;
  head_of(event).status = status;
  return event;
}

template <class Call>
auto Core::call(const char* function, Call make) {
  const auto begin = std::chrono::steady_clock::now();
  if constexpr (std::is_void_v<decltype(make())>) {
    make();
    note_duration(function, std::chrono::steady_clock::now() - begin);
  } else {
    const auto answer = make();
    note_duration(function, std::chrono::steady_clock::now() - begin);
    return answer;
  }
}

template <class Event>
void Core::finish(weft_id op, std::uint32_t type, weft_status status, std::string message,
                  std::function<void(Event&)> fill) {
  if (!operations.remove(op)) return;
  deliver([=](const weft_instance& plugin) {
    Event event = make_event<Event>(op, type, status);
    head_of(event).message = borrow(message);
    if (fill) fill(event);
    plugin.event(&plugin, &head_of(event));
  });
}

}  // namespace weft::plugin
