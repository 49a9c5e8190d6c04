// SPDX-License-Identifier: Apache-2.0
// The jobs of one instance that are under way, and the one place where what a plugin says about
// them becomes a statement to the sink: in order, and nothing after the end (law 4).
#pragma once
#include <weft/abi.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"
#include "plugin/job.hpp"
#include "plugin/stop_signal.hpp"

namespace weft::plugin {

// Any thread may call anything. The sink is called under the table's lock, which is what keeps the
// order; nobody else is.
class JobTable {
 public:
  // A job that is over: what is left to do for it, without the lock.
  struct Closed {
    AttemptRef attempt;
    Outcome outcome = Outcome::ok;
    std::string message;
    std::filesystem::path folder;  // to be removed; empty if there is none
  };
  using OnClosed = std::function<void(const Closed&)>;

  // `on_closed` is called without the lock, in the thread that closed the job.
  JobTable(JobSink& sink, OnClosed on_closed) : sink_(sink), on_closed_(std::move(on_closed)) {}

  void open(weft_id id, AttemptRef attempt, std::string label);
  // An end without a beginning: the plugin never hears of it.
  void refuse(AttemptRef attempt, Outcome outcome, std::string message);
  // No end was said yet.
  bool is_open(weft_id id) const;
  // Of open jobs; 0 when there is none.
  weft_id find(AttemptRef attempt) const;
  std::optional<AttemptRef> attempt(weft_id id) const;
  std::string label(weft_id id) const;
  std::size_t count() const;
  // Those without an end.
  std::vector<weft_id> open_jobs() const;

  // The plugin took it.
  void started(weft_id id);
  // Keeps the value; true when flush_progress() shall be called soon (once for many values).
  bool progress(weft_id id, std::int32_t permille, std::string stage);
  void flush_progress(weft_id id);
  bool checkpoint(weft_id id, std::uint64_t op, std::string token);

  // An output in two steps, since storing it takes a while: take a place in the order, then fill it
  // with what the outputs object shall hold, or with why there is none. The job does not close
  // before all places are filled. Nothing when the job is not open.
  std::optional<std::size_t> take_place(weft_id id, std::string name);
  void fill_place(weft_id id, std::size_t place, result<json::value> output);

  // The end. False: the job is unknown or has ended. An interrupted job that ends `cancelled` ends
  // `interrupted`.
  bool end(weft_id id, JobOutcome outcome);

  // From now on `cancelled` is true for it, and its child processes are stopped.
  void stop(weft_id id, bool interrupted);
  bool is_stopped(weft_id id) const;
  // A child process of the job, stopped with it; false (and nothing kept) when it is not open, or
  // stopped.
  bool add_child(weft_id id, const std::shared_ptr<StopSignal>& child);

  // What a child process of the job took, when it has gone.
  void add_usage(weft_id id, const Usage& usage);

  // The job's folder; `made` is called the first time. Empty when the job is not open.
  std::filesystem::path folder(weft_id id,
                               const std::function<std::filesystem::path(weft_id)>& make);

  // From now on ends are not told: the attempts stay open for the next runtime.
  void swallow_ends();

 private:
  struct Place {
    std::string name;
    json::value output;
  };
  // What a job has besides, once something was said about it: most of the many that only wait have
  // nothing.
  struct Said {
    std::optional<JobOutcome> end;
    std::vector<Place> places;
    std::size_t places_to_fill = 0;
    std::optional<Error> failed_output;
    bool progress_waits = false;
    std::int32_t permille = -1;
    std::string stage;
    std::vector<std::weak_ptr<StopSignal>> children;
    std::filesystem::path folder;
    Usage usage;  // of its child processes
  };
  struct Entry {
    AttemptRef attempt;
    std::string label;
    bool stopped = false;
    bool interrupted = false;
    std::unique_ptr<Said> said;
    bool has_ended() const noexcept { return said && said->end; }
    Said& details() {
      if (!said) said = std::make_unique<Said>();
      return *said;
    }
  };
  Entry* open_entry(weft_id id);
  const Entry* open_entry(weft_id id) const;
  std::optional<Closed> close_if_complete(weft_id id);
  static JobOutcome complete(Said& said);

  JobSink& sink_;
  OnClosed on_closed_;
  mutable std::mutex mutex_;
  bool swallows_ends_ = false;
  std::unordered_map<weft_id, Entry> jobs_;
  std::map<AttemptRef, weft_id> by_attempt_;
};

}  // namespace weft::plugin
