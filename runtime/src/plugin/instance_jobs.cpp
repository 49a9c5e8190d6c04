// SPDX-License-Identifier: Apache-2.0
// The jobs of an instance: adapters on the strand, executors in workers.
#include <boost/asio/steady_timer.hpp>

#include "plugin/instance_impl.hpp"
#include "plugin/task_view.hpp"

namespace weft::plugin {
namespace {

JobOutcome outcome_of_status(weft_status status, std::string message) {
  JobOutcome outcome;
  outcome.outcome = outcome_from_plugin(status);
  outcome.message = std::move(message);
  return outcome;
}

}  // namespace

void Instance::Impl::begin(Job job, const std::optional<std::string>& token) {
  // Of a job to be attached nobody may conclude that it was never bought.
  const Outcome untouched = token ? Outcome::unknown : Outcome::not_sent;
  if (draining_) return core->jobs.refuse(job.attempt, untouched, "the service is being shut down");
  if (!core->quarantine.empty())
    return core->jobs.refuse(job.attempt, untouched,
                             "the service is quarantined: " + core->quarantine);
  if (token && executor_)
    return core->jobs.refuse(job.attempt, Outcome::interrupted,
                             "local work does not go on after a restart");
  auto asked = check(job);
  if (!asked) return;

  const weft_id id = core->host.next_id();
  core->jobs.open(id, job.attempt, job.label);
  if (adapter_) return submit_to_adapter(id, job, *asked, token);
  {
    const std::lock_guard lock(workers_mutex_);
    waiting_.push_back({id, std::move(job), std::move(*asked)});
  }
  run_waiting();
}

// What the plugin gets; nothing when the job was refused for what it asks.
std::optional<Asked> Instance::Impl::check(const Job& job) {
  Asked asked = split_options(job.task->params, component.manifest().name);
  if (!offer_) return asked;
  auto checked = offer_->check(job.operation, std::move(asked));
  if (checked) return std::move(*checked);
  core->jobs.refuse(
      job.attempt,
      checked.error().kind == ErrorKind::not_found ? Outcome::unsupported : Outcome::bad_input,
      checked.error().message);
  return std::nullopt;
}

void Instance::Impl::submit_to_adapter(weft_id id, const Job& job, const Asked& asked,
                                       const std::optional<std::string>& token) {
  const TaskView task(id, job, asked, core->host.artifacts);
  weft_status status = WEFT_UNSUPPORTED;
  if (!token)
    status = core->call("submit", [&] { return adapter_->submit(core->instance, &task.raw()); });
  else if (WEFT_CAN(adapter_, weft_adapter, attach))
    status = core->call(
        "attach", [&] { return adapter_->attach(core->instance, &task.raw(), borrow(*token)); });
  if (status == WEFT_OK) return core->jobs.started(id);
  if (!core->end_job(id, outcome_of_status(status, "the plugin did not take the job")))
    core->misbehaved("it refuses a job that it has ended", id);
}

void Instance::Impl::run_waiting() {
  const std::lock_guard lock(workers_mutex_);
  while (!waiting_.empty() && (setup.concurrency == 0 || running_ < setup.concurrency)) {
    ++running_;
    core->host.pool.post(
        [self = shared_from_this(), queued = std::move(waiting_.front())] { self->run(queued); });
    waiting_.pop_front();
  }
}

void Instance::Impl::run(const QueuedJob& queued) {
  const TaskView task(queued.id, queued.job, queued.asked, core->host.artifacts);
  if (core->jobs.is_stopped(queued.id)) {
    core->end_job(queued.id, outcome_of_status(WEFT_CANCELLED, "stopped before it began"));
  } else {
    core->jobs.started(queued.id);
    const weft_status status = executor_->run(core->instance, &task.raw());
    if (status != WEFT_OK)
      core->end_job(queued.id, outcome_of_status(status, "the plugin did not begin the job"));
    else if (core->end_job(queued.id,
                           outcome_of_status(WEFT_INTERNAL, "the plugin returned without an end")))
      core->misbehaved("it returns from `run` without having ended the job", queued.id);
  }
  {
    const std::lock_guard lock(workers_mutex_);
    --running_;
    worker_left_.notify_all();
  }
  run_waiting();
  core->on_strand([this](Core&) { drain_when_idle(); });
}

bool Instance::Impl::take_from_queue(weft_id id) {
  const std::lock_guard lock(workers_mutex_);
  return std::erase_if(waiting_, [id](const QueuedJob& job) { return job.id == id; }) > 0;
}

void Instance::Impl::cancel(AttemptRef attempt) {
  const weft_id id = core->jobs.find(attempt);
  if (id == 0) return;
  core->jobs.stop(id, false);
  if (executor_) {
    if (take_from_queue(id))
      core->end_job(id, outcome_of_status(WEFT_CANCELLED, "cancelled before it began"));
    else if (WEFT_CAN(executor_, weft_executor, interrupt))
      core->call("interrupt", [&] { executor_->interrupt(core->instance, id); });
    return;
  }
  core->call("cancel", [&] { return adapter_->cancel(core->instance, id); });
  watch_cancelled(id);
}

void Instance::Impl::watch_cancelled(weft_id id) {
  auto timer = std::make_shared<boost::asio::steady_timer>(core->host.parts.io, setup.cancel_limit);
  timer->async_wait([weak = core->weak_from_this(), id, timer](const auto&) {
    const auto alive = weak.lock();
    if (!alive || alive->is_destroyed()) return;
    if (alive->end_job(id, outcome_of_status(WEFT_UNKNOWN, "the plugin did not answer the cancel")))
      alive->misbehaved("it does not end a job that was cancelled", id);
  });
}

void Instance::Impl::interrupt(weft_id id) {
  if (!executor_) return;  // what runs remotely goes on
  core->jobs.stop(id, true);
  if (take_from_queue(id))
    core->end_job(id, outcome_of_status(WEFT_CANCELLED, "interrupted before it began"));
  else if (WEFT_CAN(executor_, weft_executor, interrupt))
    core->call("interrupt", [&] { executor_->interrupt(core->instance, id); });
}

}  // namespace weft::plugin
