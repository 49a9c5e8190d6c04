// SPDX-License-Identifier: Apache-2.0
// weft/testing/fake_host.hpp - fake_host, the host in a test; instance and job, its views of a
// plugin.
#pragma once

#include <weft/adapter.h>
#include <weft/executor.h>
#include <weft/testing/processes.hpp>
#include <weft/testing/websocket_table.hpp>

#include <deque>
#include <limits>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weft::testing {

class fake_host;

// A job (or a call) as the host knows it. Copies are the same job.
class job {
 public:
  weft_id id() const { return record_->id; }
  bool ended() const { return status() != job_record::unfinished; }
  weft_status status() const { return record_->status; }  // job_record::unfinished until it ended
  const std::string& message() const { return record_->message; }
  const nlohmann::json& result() const { return record_->result; }
  const std::vector<output_record>& outputs() const { return record_->outputs; }
  // The bytes of the first output of that name; throws if there is none.
  std::string output(std::string_view name) const {
    for (const auto& output : record_->outputs)
      if (output.name == name) return output.content.bytes();
    throw std::out_of_range("no output '" + std::string(name) + "'");
  }
  const std::vector<std::string>& tokens() const { return record_->tokens; }  // durable ones
  const std::vector<progress_record>& progress() const { return record_->progress; }
  const job_record& record() const { return *record_; }

  // An explicit cancel. Of an executor's job: `cancelled` says so, and `interrupt` is called.
  void cancel();
  // Waits for a job of an executor that runs on its own thread.
  void wait();

 private:
  friend class instance;
  std::shared_ptr<job_record> record_;
  detail::tenant* at_ = nullptr;
  std::shared_ptr<std::jthread> worker_;
};

// An instance of a component. Copies are the same instance.
class instance {
 public:
  // Adapters. The returned job lives on its own; fake_host::run_until_idle makes it go on.
  job submit(task_spec spec);
  // As after a restart: the same attempt goes on, with its last durable token (or none).
  job attach(const job& earlier);
  job describe();
  job probe();
  job estimate(task_spec spec);

  // Executors: on this thread until it ends; or on a worker.
  job run(task_spec spec);
  job start(task_spec spec);

  // Ends everything as the runtime does when it stops; checks that nothing is left.
  job drain();
  void destroy();
  // As if the runtime had died: no drain, what was not durable is gone; then a new instance.
  void crash();

  weft_status configure(const nlohmann::json& config);
  const weft_instance* raw() const { return at_->plugin; }

 private:
  friend class fake_host;
  explicit instance(detail::tenant* at) : at_(at) {}
  template <class Table>
  const Table& table(const char* id) const;
  job begin(task_spec spec) const;
  // Calls `say(job id)` or, with the task in the form of the ABI, `say(task)`; not accepted is an
  // end too.
  template <class Say>
  job ask(Say&& say) const;
  template <class Say>
  void give(job& to, Say&& say) const;

  detail::tenant* at_;
};

class fake_host {
 public:
  fake_host() = default;
  ~fake_host() {
    for (auto& tenant : tenants_)
      if (tenant.plugin != nullptr && tenant.alive) instance(&tenant).destroy();
  }

  // Throws weft::error, with what the plugin logged, if create fails.
  instance create(const weft_entry& entry, std::string component,
                  const nlohmann::json& config = nlohmann::json::object());

  // ---- before: what the plugin will find

  void set_secret(const std::string& name, std::string value) {
    world_.secrets[name] = std::move(value);
  }
  stored store(std::string_view bytes, std::string_view media_type) {
    std::lock_guard hold(world_.mutex);
    return world_.store(bytes, media_type);
  }
  // Scripts the network. The latest that fits (same method, URL begins so) answers; what no script
  // fits is a violation.
  void on_http(std::string method, std::string url_prefix, http_handler handler) {
    world_.on_http(std::move(method), std::move(url_prefix), std::move(handler));
  }
  void on_http(std::string method, std::string url_prefix, const http_answer& answer) {
    on_http(std::move(method), std::move(url_prefix),
            [answer](const http_call&) { return answer; });
  }
  // Answers one after the other; the last one stays.
  void on_http(std::string method, std::string url_prefix, std::vector<http_answer> answers) {
    auto left = std::make_shared<std::deque<http_answer>>(answers.begin(), answers.end());
    on_http(std::move(method), std::move(url_prefix), [left](const http_call&) {
      http_answer next = left->front();
      if (left->size() > 1) left->pop_front();
      return next;
    });
  }
  // Who answers WebSockets to URLs that begin so, the latest that fits: `handler` gets the far side
  // when one is opened, and may refuse.
  // Does anybody look at previews? At first nobody.
  void want_previews(bool wanted) { world_.previews_wanted = wanted; }

  void on_websocket(std::string url_prefix, websocket_handler handler) {
    world_.on_websocket(std::move(url_prefix), std::move(handler));
  }
  // A service that the fake host does not have by itself, with a table of the test's own. Before create.
  void offer(const std::string& service, const void* table) { world_.offered[service] = table; }
  // A host that does not offer a service, or whose table ends earlier (law 5). Before create.
  void hide(const std::string& service) { world_.table_sizes[service] = 0; }
  void shorten(const std::string& service, std::uint32_t size) {
    world_.table_sizes[service] = size;
  }
  void shorten_task(std::uint32_t size) { world_.task_size = size; }
  // How long a checkpoint takes to become durable.
  void set_commit_ms(std::uint32_t delay) { world_.commit_ms = delay; }

  // ---- time

  // Does something of the test's own when that time has passed: what a server does by itself.
  void after(std::int64_t ms, std::function<void()> what) {
    std::lock_guard hold(world_.mutex);
    world_.at(world_.now_ms + ms, nullptr, 0, std::move(what));
  }
  std::int64_t now_ms() const { return world_.now_ms; }
  // Delivers what happens in that time.
  void advance(std::int64_t ms) {
    const std::int64_t until = world_.now_ms + ms;
    deliver_until(until);
    world_.now_ms = until;
  }
  // Delivers until nothing more will happen by itself, however long that takes on the virtual
  // clock. What has not ended then never will: a violation of law 4.
  void run_until_idle() {
    deliver_until(std::numeric_limits<std::int64_t>::max());
    for (const auto& [id, record] : world_.jobs)
      if (record->status == job_record::unfinished && !record->on_worker)
        world_.violation("id " + std::to_string(id) + " was accepted and nothing will end it");
  }
  // Waits, in real time, for what a worker does; the condition is asked after each of its host
  // calls.
  void wait_until(const std::function<bool()>& condition) {
    std::unique_lock hold(world_.mutex);
    world_.changed.wait(hold, condition);
  }

  // ---- after: what was said

  const std::vector<log_record>& logs() const { return world_.logs; }
  const std::vector<http_call>& http_calls() const { return world_.http_calls; }
  const std::map<std::string, double>& metrics() const { return world_.metrics; }
  std::map<std::string, std::string>& state() { return world_.state; }
  const std::vector<std::uint32_t>& changes() const { return world_.changes; }
  // Laws that the plugin broke. Every test ends with CHECK(host.violations().empty()).
  const std::vector<std::string>& violations() const { return world_.violations; }

 private:
  void deliver_until(std::int64_t until_ms);

  std::list<detail::tenant> tenants_;  // stay for good: a late call is noticed, not a crash
  detail::world world_;
};

}  // namespace weft::testing

#include <weft/testing/fake_host_detail.hpp>
