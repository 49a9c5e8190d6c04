// SPDX-License-Identifier: Apache-2.0
// The jobs of the service and what was billed for them. Pure: the time comes in as a value.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"
#include "behaviour.hpp"

namespace weft::jobs {

// One job that was accepted and billed.
struct Bill {
  std::string key;
  std::string operation;
  std::int64_t cost_micros = 0;
};

struct Job {
  std::string id;
  std::string key;
  std::string operation;
  Behaviour behaviour;
  Timestamp accepted_at;
  std::int64_t polls = 0;
  bool cancelled = false;
};

enum class JobState { running, succeeded, failed, cancelled };
std::string_view to_string(JobState state) noexcept;
JobState state_of(const Job& job, Timestamp now);
// What a request for the job returns.
json::object describe(const Job& job, Timestamp now);

class JobBook {
 public:
  struct Submitted {
    Job job;
    std::optional<Bill> bill;  // absent: the key was known, and its first job is the answer
  };
  Submitted submit(std::string key, std::string operation, Behaviour behaviour, Timestamp now);
  // A request to submit came, whatever becomes of it.
  void count_post() noexcept { ++posts_; }
  // Counts one poll. Null: no such job.
  const Job* poll(std::string_view id);
  // All jobs of that key as they are described, oldest first.
  json::array find(std::string_view key, Timestamp now) const;
  // Absent: no such job. What has ended stays as it ended.
  std::optional<JobState> cancel(std::string_view id, Timestamp now);

  // Adds to the counts what an earlier life of the service had billed.
  void count(const Bill& bill);
  // Forgets the jobs, not the counts.
  void restart() { jobs_.clear(); }
  json::object stats() const;

 private:
  const Job* find_first(std::string_view key) const;

  std::map<std::int64_t, Job> jobs_;  // by the number in their id
  std::int64_t accepted_ = 0;
  std::int64_t billed_micros_ = 0;
  std::int64_t posts_ = 0;
  std::int64_t polls_ = 0;
  std::int64_t cancels_ = 0;
  std::map<std::string, std::int64_t> by_key_;
  std::map<std::string, std::int64_t> by_operation_;
};

}  // namespace weft::jobs
