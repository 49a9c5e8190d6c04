// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <map>
#include <thread>
#include <vector>

#include "script.hpp"

namespace script {
namespace {

struct Job {
  json steps;
  std::size_t at = 0;
  json seen = json::array();
  bool deaf = false;  // does not answer a cancel
};

class Adapter {
 public:
  Adapter(const weft_host* host, const json& config) : services_(host), config_(config) {
    instance_.size = sizeof instance_;
    instance_.impl = this;
    instance_.query = [](const weft_instance* i, const char* id) noexcept -> const void* {
      if (std::string_view(id) != WEFT_ADAPTER) return nullptr;
      return of(i).config_.value("probes", true) ? &table : &table_without_probe;
    };
    instance_.event = [](const weft_instance* i, const weft_event* event) noexcept {
      of(i).hear(*event);
    };
    instance_.drain = [](const weft_instance* i, weft_id call) noexcept { of(i).drain(call); };
    instance_.destroy = [](const weft_instance* i) noexcept { delete &of(i); };
  }
  const weft_instance* instance() const { return &instance_; }

 private:
  static Adapter& of(const weft_instance* i) { return *static_cast<Adapter*>(i->impl); }
  static const weft_adapter table, table_without_probe;

  weft_status describe(weft_id call) {
    if (config_.value("describe", "") == "never") return WEFT_OK;
    if (config_.value("describe", "") == "refused") return WEFT_AUTH;
    json answer = config_.contains("offer")
                      ? config_["offer"]
                      : json{{"recover", "key"}, {"operations", {{{"name", "test.script"}}}}};
    services_.end(call, WEFT_OK, answer);
    return WEFT_OK;
  }
  weft_status probe(weft_id call) {
    services_.end(call, config_.value("health", 0), {{"queue", 3}}, {{"message", "three wait"}});
    return WEFT_OK;
  }
  weft_status submit(const weft_task& task, const std::string* token) {
    const json params = json::parse(text(task.params));
    if (params.contains("refuse")) return params["refuse"];
    Job& job = jobs_[task.job];
    job.steps = params.value("steps", json::array());
    if (token) job.seen.push_back({{"attached", *token}});
    if (params.value("show_task", false)) job.seen.push_back(shown(task));
    advance(task.job);
    return WEFT_OK;
  }
  static json shown(const weft_task& task) {
    json inputs = json::array();
    for (std::uint32_t i = 0; i < task.inputs.count; ++i) {
      const auto& input = static_cast<const weft_named*>(task.inputs.data)[i];
      inputs.push_back({text(input.name), text(input.blob.data), text(input.blob.media_type)});
    }
    return {{"params", json::parse(text(task.params))},
            {"options", json::parse(text(task.options))},
            {"inputs", inputs},
            {"key", text(task.idempotency_key)},
            {"deadline_ms", task.deadline_ms},
            {"budget", task.budget_micros},
            {"currency", text(task.currency)},
            {"label", text(task.label)},
            {"attempt", task.attempt}};
  }
  weft_status cancel(weft_id id) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return WEFT_BAD_INPUT;
    if (found->second.deaf) return WEFT_OK;
    jobs_.erase(found);
    services_.end(id, WEFT_CANCELLED, json::object());
    return WEFT_OK;
  }
  void drain(weft_id call) {
    if (config_.value("drain", "") == "never") return;
    for (const auto& [id, job] : std::exchange(jobs_, {}))
      services_.end(id, WEFT_CANCELLED, json::object());
    services_.end(call, WEFT_OK, json::object());
  }

  // Goes on until a step waits for its event.
  void advance(weft_id id) {
    for (;;) {
      const auto found = jobs_.find(id);
      if (found == jobs_.end()) return;
      Job& job = found->second;
      if (job.at == job.steps.size()) {
        const json seen = std::move(job.seen);
        jobs_.erase(found);
        return services_.end(id, WEFT_OK, {{"seen", seen}});
      }
      const json step = job.steps[job.at++];
      if (step["do"] == "forget") {
        jobs_.erase(found);
        return;
      }
      if (!services_.say(id, step, job.seen) && begin(id, job, step)) return;
    }
  }

  // True: an event comes.
  bool begin(weft_id id, Job& job, const json& step) {
    const std::string what = step["do"];
    const weft_id op = step.value("op", ++last_op_);
    weft_status status = WEFT_OK;
    if (what == "block") {
      std::this_thread::sleep_for(std::chrono::milliseconds(step["ms"].get<int>()));
      return false;
    }
    if (what == "deaf") {
      job.deaf = true;
      return false;
    }
    if (what == "wait") return true;
    waiting_[op] = id;
    if (what == "timer")
      status = services_.timer->start(services_.host, op, step.value("ms", 0U));
    else if (what == "checkpoint")
      status = services_.job->checkpoint(services_.host, op, id,
                                         borrow(step["token"].get_ref<const std::string&>()));
    else if (what == "http")
      status = start_http(id, op, step);
    else if (what == "commit")
      status = commit(id, op, step);
    else if (what == "process")
      status = start_process(id, op, step);
    if (what == "timer" && step.value("cancel", false)) services_.timer->cancel(services_.host, op);
    if (what == "http" && step.value("cancel", false)) services_.http->cancel(services_.host, op);
    if (status == WEFT_OK && !step.value("nowait", false)) return true;
    if (status != WEFT_OK) {
      waiting_.erase(op);
      job.seen.push_back({{"refused", status}});
    }
    return false;
  }

  weft_status start_http(weft_id id, weft_id op, const json& step) {
    const std::string method = step.value("method", "GET"), url = step["url"];
    const std::string save_as = step.value("save_as", "");
    std::vector<std::string> texts;
    texts.reserve(64);
    const auto keep = [&](const std::string& value) { return borrow(texts.emplace_back(value)); };
    std::vector<weft_pair> headers;
    const json named = step.value("headers", json::object());
    for (const auto& [name, value] : named.items()) headers.push_back({keep(name), keep(value)});
    std::vector<weft_named> parts;
    const json given = step.value("parts", json::array());
    for (const json& part : given) {
      weft_blob blob{};
      blob.kind = part.contains("artifact") ? WEFT_ARTIFACT : WEFT_BYTES;
      blob.encoding = part.value("base64", false) ? WEFT_BASE64 : WEFT_RAW;
      if (part.contains("artifact"))
        blob.artifact = services_.artifacts->find(services_.host, keep(part["artifact"]));
      else
        blob.data = keep(part["bytes"]);
      blob.media_type = keep(part.value("type", ""));
      parts.push_back({keep(part.value("name", "")), blob});
    }
    weft_http_request request{};
    request.size = sizeof request;
    request.flags = step.value("flags", 0U);
    request.method = borrow(method);
    request.url = borrow(url);
    request.headers = {headers.data(), static_cast<std::uint32_t>(headers.size()),
                       sizeof(weft_pair)};
    request.parts = {parts.data(), static_cast<std::uint32_t>(parts.size()), sizeof(weft_named)};
    request.timeout_ms = step.value("timeout_ms", 0U);
    request.body_limit = step.value("body_limit", std::uint64_t{0});
    request.job = id;
    request.save_as = borrow(save_as);
    return services_.http->start(services_.host, op, &request);
  }
  weft_status commit(weft_id id, weft_id op, const json& step) {
    const std::string path = services_.reserve_and_write(id, step);
    const std::string type = step.value("type", "");
    return services_.artifacts->commit(services_.host, op, id, borrow(path), borrow(type));
  }
  weft_status start_process(weft_id id, weft_id op, const json& step) {
    const auto words = step["argv"].get<std::vector<std::string>>();
    std::vector<weft_str> argv;
    for (const std::string& word : words) argv.push_back(borrow(word));
    weft_process_request request{};
    request.size = sizeof request;
    request.timeout_ms = step.value("timeout_ms", 0U);
    request.argv = {argv.data(), static_cast<std::uint32_t>(argv.size()), sizeof(weft_str)};
    return services_.process->start(services_.host, op, id, &request);
  }

  static json shown(const weft_event& event) {
    json seen{{"event", event.type}, {"status", event.status}};
    if (event.type == WEFT_EV_HTTP_DATA || event.type == WEFT_EV_HTTP_DONE) {
      const auto& http = reinterpret_cast<const weft_http_event&>(event);
      seen["http_status"] = http.http_status;
      seen["body"] = text(http.body);
      seen["length"] = http.length;
      seen["digest"] = text(http.digest);
      seen["retry_after_ms"] = event.retry_after_ms;
      for (std::uint32_t i = 0; i < http.headers.count; ++i) {
        const auto& pair = static_cast<const weft_pair*>(http.headers.data)[i];
        seen["headers"][text(pair.name)] = text(pair.value);
      }
    } else if (event.type == WEFT_EV_PROCESS_LINE) {
      seen["line"] = text(reinterpret_cast<const weft_process_event&>(event).line);
    } else if (event.type == WEFT_EV_PROCESS_EXIT) {
      seen["exit_code"] = reinterpret_cast<const weft_process_event&>(event).exit_code;
    }
    return seen;
  }
  weft_status put_out(weft_id id, weft_id artifact, const json& step) {
    weft_blob blob{};
    blob.kind = WEFT_ARTIFACT;
    blob.artifact = artifact;
    json same = step;
    same.erase("type");
    return services_.output(id, same, blob);
  }
  void hear(const weft_event& event) {
    const auto waits = waiting_.find(event.id);
    if (waits == waiting_.end()) return;
    const weft_id id = waits->second;
    const auto found = jobs_.find(id);
    const bool goes_on = event.type == WEFT_EV_HTTP_DATA || event.type == WEFT_EV_PROCESS_LINE;
    if (!goes_on) waiting_.erase(waits);
    if (found == jobs_.end()) return;
    found->second.seen.push_back(shown(event));
    if (event.type == WEFT_EV_HTTP_DATA) {
      const auto& data = reinterpret_cast<const weft_http_event&>(event);
      services_.http->credit(services_.host, event.id, data.body.size);
    }
    const json step = found->second.steps[found->second.at - 1];
    weft_id artifact = 0;
    if (event.type == WEFT_EV_ARTIFACT)
      artifact = reinterpret_cast<const weft_artifact_event&>(event).artifact;
    if (event.type == WEFT_EV_HTTP_DONE)
      artifact = reinterpret_cast<const weft_http_event&>(event).artifact;
    if (artifact != 0) put_out(id, artifact, step);
    if (!goes_on && !step.value("nowait", false)) advance(id);
  }

  Services services_;
  json config_;
  weft_instance instance_{};
  weft_id last_op_ = 0;
  std::map<weft_id, Job> jobs_;
  std::map<weft_id, weft_id> waiting_;
};

const weft_adapter Adapter::table{
    sizeof(weft_adapter),
    0,
    [](const weft_instance* i, weft_id call) noexcept { return of(i).describe(call); },
    [](const weft_instance* i, weft_id call) noexcept { return of(i).probe(call); },
    nullptr,
    [](const weft_instance* i, const weft_task* task) noexcept {
      return of(i).submit(*task, nullptr);
    },
    [](const weft_instance* i, const weft_task* task, weft_str token) noexcept {
      const std::string copy = text(token);
      return of(i).submit(*task, &copy);
    },
    [](const weft_instance* i, weft_id id) noexcept { return of(i).cancel(id); }};
const weft_adapter Adapter::table_without_probe = [] {
  weft_adapter without = table;
  without.probe = nullptr;
  return without;
}();

}  // namespace

weft_status create_adapter(const weft_host* host, weft_str config, const weft_instance** made) {
  const json parsed = json::parse(text(config));
  if (parsed.contains("fail")) {
    Services(host).log->write(host, WEFT_LOG_ERROR, 0, borrow("it was told to fail"), {});
    return parsed["fail"];
  }
  *made = (new Adapter(host, parsed))->instance();
  return WEFT_OK;
}

}  // namespace script
