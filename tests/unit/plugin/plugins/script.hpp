// SPDX-License-Identifier: Apache-2.0
// What the two scripted components share. A job's params say what it does: {"steps": [{"do":
// ...}]}. What the host answered is collected in `seen`, which is the job's result. Written against
// the C ABI alone, so that it can also break its laws.
#pragma once
#include <weft/adapter.h>
#include <weft/artifact.h>
#include <weft/draft/process.h>
#include <weft/executor.h>
#include <weft/host.h>
#include <weft/http.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace script {

using nlohmann::json;

inline std::string text(weft_str value) {
  return value.data ? std::string(value.data, value.size) : "";
}
inline weft_str borrow(std::string_view value) {
  return {value.data(), value.size()};
}
inline void take(void* into, weft_str value) noexcept {
  *static_cast<std::string*>(into) = text(value);
}

// The tables of the host.
struct Services {
  explicit Services(const weft_host* h)
      : host(h),
        log(find<weft_log>(WEFT_LOG)),
        job(find<weft_job>(WEFT_JOB)),
        timer(find<weft_timer>(WEFT_TIMER)),
        secrets(find<weft_secrets>(WEFT_SECRETS)),
        state(find<weft_state>(WEFT_STATE)),
        metrics(find<weft_metrics>(WEFT_METRICS)),
        http(find<weft_http>(WEFT_HTTP)),
        artifacts(find<weft_artifacts>(WEFT_ARTIFACTS)),
        process(find<weft_process>(WEFT_PROCESS)) {}
  template <class Table>
  const Table* find(const char* id) const {
    return static_cast<const Table*>(host->service(host, id));
  }

  void end(weft_id id, weft_status status, const json& value,
           const json& step = json::object()) const {
    const std::string message = step.value("message", "");
    const std::string plain = step.contains("raw") ? step["raw"].get<std::string>() : value.dump();
    const std::string currency = step.value("currency", "");
    weft_result result{};
    result.size = sizeof result;
    result.status = status;
    result.message = borrow(message);
    result.json = borrow(plain);
    result.retry_after_ms = step.value("retry_after_ms", 0U);
    result.cost_micros = step.value("cost_micros", std::int64_t{0});
    result.currency = borrow(currency);
    if (step.contains("cost_micros"))
      result.cost_basis = step.value("estimated", false) ? WEFT_COST_ESTIMATED : WEFT_COST_BILLED;
    job->end(host, id, &result);
  }

  weft_status output(weft_id id, const json& step, weft_blob blob) const {
    const std::string name = step.value("name", "result");
    const std::string type = step.value("type", "");
    const std::string meta = step.contains("meta") ? step["meta"].dump() : "";
    blob.media_type = borrow(type);
    if (step.value("base64", false)) blob.encoding = WEFT_BASE64;
    const weft_named named{borrow(name), blob};
    return job->output(host, id, &named, borrow(meta));
  }
  weft_status output_bytes(weft_id id, const json& step) const {
    const std::string bytes = step.value("bytes", "");
    weft_blob blob{};
    blob.kind = WEFT_BYTES;
    blob.data = borrow(bytes);
    return output(id, step, blob);
  }
  std::string reserve(weft_id id, std::string_view type) const {
    std::string path;
    artifacts->reserve(host, id, borrow(type), &path, take);
    return path;
  }
  std::string reserve_and_write(weft_id id, const json& step) const {
    const std::string path = reserve(id, step.value("type", ""));
    std::ofstream(path) << step.value("bytes", "");
    return path;
  }

  // The steps that answer at once, for adapters and executors alike. False: it is another step.
  bool say(weft_id id, const json& step, json& seen) const {
    const std::string what = step.value("do", "");
    const std::string key = step.value("key", "");
    std::string value = step.value("value", "");
    if (what == "progress") {
      job->progress(host, id, step.value("permille", 0), borrow(value));
    } else if (what == "output") {
      seen.push_back(output_bytes(id, step));
    } else if (what == "log") {
      const std::string fields = step.contains("fields") ? step["fields"].dump() : "";
      log->write(host, step.value("level", WEFT_LOG_INFO), id, borrow(value), borrow(fields));
    } else if (what == "state_put") {
      seen.push_back(state->put(host, borrow(key), borrow(value)));
    } else if (what == "state_get") {
      const auto status = state->get(host, borrow(key), &value, take);
      seen.push_back({{"status", status}, {"value", value}});
    } else if (what == "secret") {
      const auto status = secrets->get(host, borrow(key), &value, take);
      seen.push_back({{"status", status}, {"length", value.size()}});
    } else if (what == "metric") {
      metrics->add(host, borrow(key), borrow(value), 1.5);
    } else if (what == "end") {
      end(id, step.value("status", 0), {{"seen", seen}}, step);
    } else {
      return false;
    }
    return true;
  }

  const weft_host* host;
  const weft_log* log;
  const weft_job* job;
  const weft_timer* timer;
  const weft_secrets* secrets;
  const weft_state* state;
  const weft_metrics* metrics;
  const weft_http* http;
  const weft_artifacts* artifacts;
  const weft_process* process;
};

weft_status create_adapter(const weft_host* host, weft_str config, const weft_instance** made);
weft_status create_executor(const weft_host* host, weft_str config, const weft_instance** made);

}  // namespace script
