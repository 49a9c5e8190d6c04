// SPDX-License-Identifier: Apache-2.0
// weft/testing/fake_host_detail.hpp - the bodies of fake_host.hpp, which includes it.
#pragma once

#include <weft/testing/fake_host.hpp>

#include <cstddef>
#include <cstring>

namespace weft::testing {

namespace detail {

// A weft_task made of a task_spec: exactly as long as `size` says, so that ASan sees who reads
// more.
class raw_task {
 public:
  raw_task(const job_record& record, std::uint32_t size)
      : params_(dump_json(record.spec.params)), options_(dump_json(record.spec.options)) {
    const task_spec& spec = record.spec;
    for (const auto& [name, content] : spec.inputs)
      inputs_.push_back({borrow(name),
                         {WEFT_ARTIFACT, WEFT_RAW, borrow(content.digest), 0, content.length,
                          content.id, borrow(content.media_type)}});
    weft_task task{};
    task.size = size;
    task.attempt = spec.attempt;
    task.job = record.id;
    task.operation = borrow(spec.operation);
    task.params = borrow(params_);
    task.options = borrow(options_);
    task.inputs = borrow_list(inputs_);
    task.idempotency_key = borrow(spec.key);
    task.deadline_ms = spec.deadline_ms;
    task.budget_micros = spec.budget_micros;
    task.currency = borrow("USD");
    task.run = borrow("01900000-0000-7000-8000-00000000000a");
    task.label = borrow(spec.label);
    bytes_.resize(size);
    std::memcpy(bytes_.data(), &task, size);
  }
  const weft_task* get() const noexcept {
    return reinterpret_cast<const weft_task*>(bytes_.data());
  }

 private:
  std::string params_, options_;
  std::vector<weft_named> inputs_;
  std::vector<std::byte> bytes_;
};

// Puts a copy of `table` on offer, cut to the size that the test asked for.
template <class Table>
void offer(tenant& to, const char* id, Table table) {
  const auto asked = to.all->table_sizes.find(id);
  table.size = asked == to.all->table_sizes.end() ? std::uint32_t{sizeof table} : asked->second;
  if (table.size == 0) return;
  auto& bytes = to.tables[id];
  bytes.resize(table.size);
  std::memcpy(bytes.data(), &table, table.size);
}

inline void offer_all(tenant& to) {
  offer<weft_log>(to, WEFT_LOG, {0, WEFT_LOG_TRACE, log_write});
  offer<weft_job>(to, WEFT_JOB,
                  {0, 0, job_progress, job_checkpoint, job_output, job_end, job_cancelled});
  offer<weft_timer>(to, WEFT_TIMER, {0, 0, timer_now, timer_start, cancel_entry});
  offer<weft_secrets>(to, WEFT_SECRETS, {0, 0, secret_get});
  offer<weft_state>(to, WEFT_STATE, {0, 0, state_get, state_put});
  offer<weft_metrics>(to, WEFT_METRICS, {0, 0, metric_add, metric_observe});
  offer<weft_http>(to, WEFT_HTTP, {0, 0, http_start, http_credit, cancel_entry});
  offer<weft_artifacts>(to, WEFT_ARTIFACTS,
                        {0, 0, artifact_reserve, artifact_commit, artifact_locate, artifact_find});
  offer<weft_process>(to, WEFT_PROCESS, {0, 0, process_start, cancel_entry, process_run});
  offer<weft_preview>(to, WEFT_PREVIEW, {0, 0, preview_wanted, preview_show});
  offer<weft_websocket>(to, WEFT_WEBSOCKET,
                        {0, 0, websocket_open, websocket_send, websocket_close, websocket_cancel});
}

inline const void* find_service(const weft_host* host, const char* id) noexcept {
  const auto& tables = tenant_of(host).tables;
  const auto found = tables.find(std::string_view(id));
  const auto& offered = tenant_of(host).all->offered;
  if (const auto own = offered.find(id); own != offered.end()) return own->second;
  return found == tables.end() ? nullptr : found->second.data();
}
inline void note_change(const weft_host* host, std::uint32_t what) noexcept {
  entered in(host, "weft_host.changed");
  in.all.changes.push_back(what);
}

// Calls the plugin's create for a tenant that knows its entry, component and configuration.
inline void create(tenant& made) {
  made.raw = {sizeof(weft_host), WEFT_ABI_MINOR, &made, find_service, note_change};
  offer_all(made);
  const weft_status status =
      made.entry->create(&made.raw, made.component.c_str(), borrow(made.config), &made.plugin);
  if (status == WEFT_OK) return;
  made.alive = false;
  std::string reason = "create failed";
  for (const log_record& line : made.all->logs)
    if (line.level == WEFT_LOG_ERROR) reason = line.text;
  throw error(status, reason);
}

}  // namespace detail

// ---- fake_host

inline instance fake_host::create(const weft_entry& entry, std::string component,
                                  const nlohmann::json& config) {
  detail::tenant& made = tenants_.emplace_back();
  made.all = &world_;
  made.entry = &entry;
  made.component = std::move(component);
  made.config = dump_json(config);
  detail::create(made);
  return instance(&made);
}

inline void fake_host::deliver_until(std::int64_t until_ms) {
  for (;;) {
    std::unique_lock hold(world_.mutex);
    const bool busy = world_.live_children > 0;
    if (auto deliver = world_.take(busy ? world_.now_ms : until_ms)) {
      hold.unlock();
      deliver();
    } else if (busy) {
      world_.changed.wait(hold);
    } else {
      return;
    }
  }
}

// ---- instance

template <class Table>
const Table& instance::table(const char* id) const {
  const auto* found = static_cast<const Table*>(at_->plugin->query(at_->plugin, id));
  if (found == nullptr) throw error(WEFT_UNSUPPORTED, std::string("the plugin offers no ") + id);
  return *found;
}

inline job instance::begin(task_spec spec) const {
  std::lock_guard hold(at_->all->mutex);
  job made;
  made.at_ = at_;
  made.record_ = std::make_shared<job_record>();
  made.record_->id = at_->all->next_id();
  made.record_->at = at_;
  made.record_->spec = std::move(spec);
  at_->all->jobs[made.record_->id] = made.record_;
  return made;
}

template <class Say>
void instance::give(job& to, Say&& say) const {
  const detail::raw_task task(*to.record_, at_->all->task_size);
  const weft_status status = say(task.get());
  if (status == WEFT_OK) return;
  if (to.ended()) at_->all->violation("an id has ended although it was not accepted");
  to.record_->status = status;
  to.record_->message = "not accepted";
}
template <class Say>
job instance::ask(Say&& say) const {
  job call = begin({});
  give(call, [&](const weft_task*) { return say(call.id()); });
  return call;
}

inline job instance::submit(task_spec spec) {
  const auto& adapter = table<weft_adapter>(WEFT_ADAPTER);
  job made = begin(std::move(spec));
  give(made, [&](const weft_task* task) { return adapter.submit(at_->plugin, task); });
  return made;
}
inline job instance::attach(const job& earlier) {
  const auto& adapter = table<weft_adapter>(WEFT_ADAPTER);
  job made = begin(earlier.record().spec);
  made.record_->tokens = earlier.tokens();
  const std::string token = earlier.tokens().empty() ? "" : earlier.tokens().back();
  give(made,
       [&](const weft_task* task) { return adapter.attach(at_->plugin, task, borrow(token)); });
  return made;
}
inline job instance::describe() {
  const auto& adapter = table<weft_adapter>(WEFT_ADAPTER);
  return ask([&](weft_id call) { return adapter.describe(at_->plugin, call); });
}
inline job instance::probe() {
  const auto& adapter = table<weft_adapter>(WEFT_ADAPTER);
  return ask([&](weft_id call) { return adapter.probe(at_->plugin, call); });
}
inline job instance::estimate(task_spec spec) {
  const auto& adapter = table<weft_adapter>(WEFT_ADAPTER);
  if (!WEFT_CAN(&adapter, weft_adapter, estimate))
    throw error(WEFT_UNSUPPORTED, "the plugin gives no estimates");
  job call = begin(std::move(spec));
  give(call, [&](const weft_task* task) { return adapter.estimate(at_->plugin, call.id(), task); });
  return call;
}

inline job instance::run(task_spec spec) {
  const auto& executor = table<weft_executor>(WEFT_EXECUTOR);
  job made = begin(std::move(spec));
  give(made, [&](const weft_task* task) { return executor.run(at_->plugin, task); });
  if (!made.ended()) at_->all->violation("run returned and had not ended its job");
  return made;
}
inline job instance::start(task_spec spec) {
  const auto& executor = table<weft_executor>(WEFT_EXECUTOR);
  job made = begin(std::move(spec));
  made.record_->on_worker = true;
  made.worker_ = std::make_shared<std::jthread>([made, &executor, self = *this]() mutable {
    self.give(made, [&](const weft_task* task) { return executor.run(self.at_->plugin, task); });
  });
  return made;
}

inline job instance::drain() {
  job call = ask([&](weft_id id) {
    at_->plugin->drain(at_->plugin, id);
    return WEFT_OK;
  });
  for (const auto& [id, record] : at_->all->jobs)
    if (record->at == at_ && id != call.id() && record->status == job_record::unfinished)
      at_->all->violation("id " + std::to_string(id) + " was left by drain");
  return call;
}
inline void instance::destroy() {
  at_->plugin->destroy(at_->plugin);
  std::lock_guard hold(at_->all->mutex);
  at_->alive = false;
  at_->all->forget(at_);
  for (const auto& [id, record] : at_->all->jobs)
    if (record->at == at_ && record->status == job_record::unfinished)
      record->status = job_record::interrupted;
}
inline void instance::crash() {
  destroy();
  at_->alive = true;
  at_->used_ops.clear();
  detail::create(*at_);
}
inline weft_status instance::configure(const nlohmann::json& config) {
  if (!WEFT_CAN(at_->plugin, weft_instance, configure)) return WEFT_UNSUPPORTED;
  return at_->plugin->configure(at_->plugin, borrow(dump_json(config)));
}

// ---- job

inline void job::cancel() {
  {
    std::lock_guard hold(at_->all->mutex);
    record_->cancelled = true;
    record_->cancelled_at_ms = at_->all->now_ms;
  }
  const weft_instance* plugin = at_->plugin;
  if (const auto* adapter = static_cast<const weft_adapter*>(plugin->query(plugin, WEFT_ADAPTER));
      adapter != nullptr && adapter->cancel(plugin, id()) != WEFT_OK && !ended())
    at_->all->violation("cancel did not know a job that runs");
  if (const auto* executor =
          static_cast<const weft_executor*>(plugin->query(plugin, WEFT_EXECUTOR));
      WEFT_CAN(executor, weft_executor, interrupt))
    executor->interrupt(plugin, id());
}
inline void job::wait() {
  if (worker_ && worker_->joinable()) worker_->join();
}

}  // namespace weft::testing
