// SPDX-License-Identifier: Apache-2.0
#include "job_book.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace weft::jobs {
namespace {

constexpr std::string_view id_prefix = "job-";

std::optional<std::int64_t> number_of(std::string_view id) {
  if (!id.starts_with(id_prefix)) return std::nullopt;
  id.remove_prefix(id_prefix.size());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
  return number;
}

std::int64_t progress_permille(const Job& job, Timestamp now) {
  constexpr std::int64_t whole = 1000;
  if (job.behaviour.hang) return 0;
  const std::int64_t needed = job.behaviour.polls.value_or(job.behaviour.delay_ms.count());
  const std::int64_t done = job.behaviour.polls ? job.polls : (now - job.accepted_at).count();
  return done >= needed ? whole : done * whole / needed;
}

json::object counts(const std::map<std::string, std::int64_t>& all) {
  json::object object;
  for (const auto& [name, count] : all) object[name] = count;
  return object;
}

}  // namespace

std::string_view to_string(JobState state) noexcept {
  constexpr std::array<std::string_view, 4> words{"running", "succeeded", "failed", "cancelled"};
  return words[static_cast<std::size_t>(state)];
}

JobState state_of(const Job& job, Timestamp now) {
  if (job.cancelled) return JobState::cancelled;
  if (progress_permille(job, now) < 1000) return JobState::running;
  return job.behaviour.fail.empty() ? JobState::succeeded : JobState::failed;
}

json::object describe(const Job& job, Timestamp now) {
  const JobState state = state_of(job, now);
  json::object object{{"id", job.id},
                      {"key", job.key},
                      {"operation", job.operation},
                      {"state", to_string(state)},
                      {"progress", progress_permille(job, now)},
                      {"error", nullptr},
                      {"cost_micros", job.behaviour.cost_micros}};
  if (state == JobState::succeeded) object["result"] = job.behaviour.result;
  if (state == JobState::failed) {
    object["error"] = {{"class", job.behaviour.fail}, {"message", "the job failed as ordered"}};
  }
  return object;
}

const Job* JobBook::find_first(std::string_view key) const {
  const auto found =
      std::ranges::find_if(jobs_, [&](const auto& entry) { return entry.second.key == key; });
  return found == jobs_.end() ? nullptr : &found->second;
}

JobBook::Submitted JobBook::submit(std::string key, std::string operation, Behaviour behaviour,
                                   Timestamp now) {
  const Job* known = behaviour.idempotent ? find_first(key) : nullptr;
  if (known) return {*known, std::nullopt};
  if (behaviour.fail_jobs && by_operation_[operation] >= *behaviour.fail_jobs)
    behaviour.fail.clear();
  const Bill bill{key, operation, behaviour.cost_micros};
  count(bill);
  Job job;
  job.id = std::string(id_prefix) + std::to_string(accepted_);
  job.key = std::move(key);
  job.operation = std::move(operation);
  job.behaviour = std::move(behaviour);
  job.accepted_at = now;
  if (!job.behaviour.forget) jobs_.emplace(accepted_, job);
  return {std::move(job), bill};
}

const Job* JobBook::poll(std::string_view id) {
  ++polls_;
  const auto number = number_of(id);
  const auto found = number ? jobs_.find(*number) : jobs_.end();
  if (found == jobs_.end()) return nullptr;
  ++found->second.polls;
  return &found->second;
}

json::array JobBook::find(std::string_view key, Timestamp now) const {
  json::array found;
  for (const auto& [number, job] : jobs_) {
    if (job.key == key) found.push_back(describe(job, now));
  }
  return found;
}

std::optional<JobState> JobBook::cancel(std::string_view id, Timestamp now) {
  ++cancels_;
  const auto number = number_of(id);
  const auto found = number ? jobs_.find(*number) : jobs_.end();
  if (found == jobs_.end()) return std::nullopt;
  Job& job = found->second;
  job.cancelled = job.cancelled || state_of(job, now) == JobState::running;
  return state_of(job, now);
}

void JobBook::count(const Bill& bill) {
  ++accepted_;
  billed_micros_ += bill.cost_micros;
  ++by_key_[bill.key];
  ++by_operation_[bill.operation];
}

json::object JobBook::stats() const {
  return {{"accepted", accepted_},
          {"billed_jobs", accepted_},
          {"billed_micros", billed_micros_},
          {"posts", posts_},
          {"polls", polls_},
          {"cancels", cancels_},
          {"by_key", counts(by_key_)},
          {"by_operation", counts(by_operation_)}};
}

}  // namespace weft::jobs
