// SPDX-License-Identifier: Apache-2.0
#include "plugin/core.hpp"

#include <boost/asio/post.hpp>

#include "plugin/results.hpp"
#include "plugin/services/tables.hpp"

namespace weft::plugin {
namespace {

constexpr auto dawdling = std::chrono::milliseconds(50);  // ten times the budget of law 6
constexpr int defects_to_quarantine = 3;

const void* find_service(const weft_host* host, const char* id) noexcept {
  return static_cast<Core*>(host->impl)->is_destroyed() || !id ? nullptr : services::find(id);
}

void hear_change(const weft_host* host, std::uint32_t what) noexcept {
  static_cast<Core*>(host->impl)->on_strand([what](Core& core) {
    if (what == WEFT_CHANGED_OPERATIONS && core.events.on_offer_changed)
      core.events.on_offer_changed();
    if (what == WEFT_CHANGED_HEALTH && core.events.on_health_changed)
      core.events.on_health_changed();
  });
}

}  // namespace

Core::Core(Host::Impl& owner, std::string name, const std::vector<std::string>& secrets,
           JobSink& sink, InstanceEvents told)
    : host(owner),
      service(std::move(name)),
      log(owner.parts.log.with({{"service", service}})),
      strand(boost::asio::make_strand(owner.parts.io)),
      jobs(sink, [this](const JobTable::Closed& job) { closed(job); }),
      events(std::move(told)),
      secrets_(secrets.begin(), secrets.end()) {
  host_table.size = sizeof host_table;
  host_table.abi_minor = WEFT_ABI_MINOR;
  host_table.impl = this;
  host_table.service = find_service;
  host_table.changed = hear_change;
}

void Core::on_strand(std::function<void(Core&)> work) {
  boost::asio::post(strand, [weak = weak_from_this(), work = std::move(work)] {
    if (const auto core = weak.lock(); core && !core->destroyed_) work(*core);
  });
}

void Core::deliver(std::function<void(const weft_instance&)> tell) {
  on_strand([tell = std::move(tell)](Core& core) {
    const weft_instance* plugin = core.instance;
    if (WEFT_CAN(plugin, weft_instance, event)) core.call("event", [&] { tell(*plugin); });
  });
}

void Core::note_duration(const char* function, std::chrono::steady_clock::duration took) {
  if (took < dawdling || dawdled_) return;
  dawdled_ = true;
  const auto took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  log.warn("the plugin blocks the thread that all services share; said once",
           {{"function", function}, {"took_ms", took_ms}});
}

weft_status Core::start(weft_id op, weft_id job, const std::shared_ptr<Operation>& operation) {
  if (destroyed_) return WEFT_CANCELLED;
  if (job != 0 && !jobs.is_open(job)) {
    misbehaved("it starts an operation for a job that is not open", job);
    return WEFT_BAD_INPUT;
  }
  if (!operations.add(op, job, operation)) {
    misbehaved("it starts an operation with an id that is 0 or in use", op);
    return WEFT_BAD_INPUT;
  }
  on_strand([op, operation](Core& core) {
    if (core.operations.find(op) == operation) operation->begin();
  });
  // The job may have ended in another thread since it was looked up; then nobody would cancel this.
  if (job != 0 && !jobs.is_open(job)) cancel_operation(op);
  return WEFT_OK;
}

void Core::cancel_operation(weft_id op) {
  on_strand([op](Core& core) {
    if (const auto operation = core.operations.find(op)) operation->cancel();
  });
}

void Core::end(weft_id id, const weft_result* result) {
  JobOutcome outcome = outcome_of(result);
  outcome.message = host.parts.redactor.redact(outcome.message);
  if (end_call(id, outcome)) return;
  if (!end_job(id, std::move(outcome)))
    misbehaved("it ends what is not open: never begun, or ended before", id);
}

bool Core::end_job(weft_id id, JobOutcome outcome) {
  if (!jobs.end(id, std::move(outcome))) return false;
  for (const auto& operation : operations.of_job(id))
    on_strand([operation](Core&) { operation->cancel(); });
  return true;
}

void Core::closed(const JobTable::Closed& job) {
  if (!job.folder.empty())
    host.pool.post([folder = job.folder] {
      std::error_code ignored;  // what stays is removed when the next host is made
      std::filesystem::remove_all(folder, ignored);
    });
  on_strand([job](Core& core) { core.count_defects(job); });
}

void Core::count_defects(const JobTable::Closed& job) {
  const bool defect = job.outcome == Outcome::internal || job.outcome == Outcome::exhausted;
  defects_in_a_row_ = defect ? defects_in_a_row_ + 1 : 0;
  if (defects_in_a_row_ < defects_to_quarantine || !quarantine.empty()) return;
  quarantine = std::to_string(defects_to_quarantine) +
               " jobs in a row failed inside the plugin, the last with: " +
               (job.message.empty() ? std::string(to_string(job.outcome)) : job.message);
  log.error("the service is quarantined", {{"reason", quarantine}});
  if (events.on_quarantined) events.on_quarantined(quarantine);
}

std::filesystem::path Core::job_folder(weft_id job) {
  return jobs.folder(job, [this](weft_id id) {
    std::filesystem::path folder = host.parts.work_folder / std::to_string(id);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
      log.error("the folder of a job cannot be made",
                {{"folder", folder.string()}, {"error", error.message()}});
      folder.clear();
    }
    return folder;
  });
}

std::optional<std::string> Core::secret(std::string_view name) {
  if (!secrets_.contains(name)) {
    log.warn("the plugin asks for a secret that the service does not list",
             {{"secret", clean(name)}});
    return std::nullopt;
  }
  auto value = host.parts.secrets.get(name);
  log.debug("audit: a secret was read", {{"secret", name}, {"set", value.has_value()}});
  if (value) host.parts.redactor.add(name, *value);
  return value;
}

void Core::misbehaved(std::string_view what, weft_id id) const {
  const std::string label = jobs.label(id);
  log.warn(std::string("the plugin broke a law: ") + std::string(what),
           {{"id", id}, {"task", label}});
}

weft_id Core::open_call(OnCallEnd done) {
  const weft_id id = host.next_id();
  const std::lock_guard lock(calls_mutex_);
  calls_.emplace(id, std::move(done));
  return id;
}

bool Core::end_call(weft_id id, JobOutcome outcome) {
  OnCallEnd done;
  {
    const std::lock_guard lock(calls_mutex_);
    const auto found = calls_.find(id);
    if (found == calls_.end()) return false;
    done = std::move(found->second);
    calls_.erase(found);
  }
  on_strand([done = std::move(done), outcome = std::move(outcome)](Core&) { done(outcome); });
  return true;
}

void Core::destroy() {
  if (destroyed_.exchange(true)) return;
  jobs.swallow_ends();
  for (const auto& operation : operations.take_all()) operation->cancel();
  if (WEFT_CAN(instance, weft_instance, destroy)) instance->destroy(instance);
  gone_ = true;
  events = {};
}

}  // namespace weft::plugin
