// SPDX-License-Identifier: Apache-2.0
// weft/testing/tables.hpp - the service tables of the fake host: thin C functions over
// detail::world.
//
// They check what the laws ask of a plugin and note each breach in world.violations.
#pragma once

#include <weft/artifact.h>
#include <weft/draft/preview.h>
#include <weft/draft/process.h>
#include <weft/draft/websocket.h>
#include <weft/host.h>
#include <weft/http.h>
#include <weft/testing/world.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace weft::testing::detail {

inline tenant& tenant_of(const weft_host* host) {
  return *static_cast<tenant*>(host->impl);
}

// Every host function begins so: the world, locked, and a look whether the instance may still call.
class entered {
 public:
  entered(const weft_host* host, const char* function)
      : who(tenant_of(host)), all(*who.all), hold(all.mutex) {
    if (!who.alive) all.violation(std::string(function) + " was called after destroy");
  }
  entered(const entered&) = delete;
  entered& operator=(const entered&) = delete;
  ~entered() { all.changed.notify_all(); }

  tenant& who;
  world& all;
  std::unique_lock<std::mutex> hold;

  // The record of a job that may still be spoken about, else null and a violation.
  job_record* living(weft_id id, const char* statement) {
    const auto found = all.jobs.find(id);
    const std::string about = std::string(statement) + " about id " + std::to_string(id);
    if (found == all.jobs.end()) return all.violation(about + ", which is not known"), nullptr;
    if (found->second->at != &who)
      return all.violation(about + ", which belongs to another instance"), nullptr;
    if (found->second->status != job_record::unfinished)
      return all.violation(about + ", which has ended"), nullptr;
    return found->second.get();
  }
  bool accept(weft_id op, std::uint32_t end_type, weft_id job) {
    if (op == 0 || !who.used_ops.insert(op).second) {
      all.violation("operation id " + std::to_string(op) + " is 0 or was used before");
      return false;
    }
    all.ops.emplace(std::pair(&who, op), under_way{end_type, job});
    return true;
  }
};

// Delivers an event of an operation, on the strand. `ends`: it is the last one.
inline void send(tenant& to, const weft_event& event, bool ends) {
  {
    std::lock_guard hold(to.all->mutex);
    if (!to.alive) return;
    if (ends) to.all->ops.erase({&to, event.id});
  }
  to.plugin->event(to.plugin, &event);
}

template <class Event>
Event make_event(std::uint32_t type, weft_id op, weft_status status, std::string_view message) {
  Event event{};
  auto& head = reinterpret_cast<weft_event&>(event);
  head.size = sizeof(Event);
  head.type = type;
  head.id = op;
  head.status = status;
  head.message = borrow(message);
  return event;
}

// An end without more than a status; as long as the longest event, so that every type can read it.
inline void send_plain_end(tenant& to, weft_id op, std::uint32_t type, weft_status status,
                           const std::string& message) {
  if (type == WEFT_EV_HTTP_DONE) {
    send(to, make_event<weft_http_event>(type, op, status, message).head, true);
  } else if (type == WEFT_EV_WEBSOCKET_END) {
    send(to, make_event<weft_websocket_event>(type, op, status, message).head, true);
  } else if (type == WEFT_EV_ARTIFACT) {
    send(to, make_event<weft_artifact_event>(type, op, status, message).head, true);
  } else {
    send(to, make_event<weft_event>(type, op, status, message), true);
  }
}

// Ends an operation as cancelled, unless it is done or is a child process, which ends by itself.
inline void cancel_op(world& all, tenant& who, weft_id op) {
  const auto found = all.ops.find({&who, op});
  if (found == all.ops.end()) return;
  *found->second.stop = true;
  const std::uint32_t type = found->second.end_type;
  if (type == WEFT_EV_PROCESS_EXIT) return;
  all.forget(&who, op);
  all.at(all.now_ms, &who, op,
         [&who, op, type] { send_plain_end(who, op, type, WEFT_CANCELLED, "cancelled"); });
}
inline void cancel_entry(const weft_host* host, weft_id op) noexcept {
  entered in(host, "cancel");
  cancel_op(in.all, in.who, op);
}

// ---- previews

inline std::int32_t preview_wanted(const weft_host* host, weft_id job) noexcept {
  entered in(host, "weft_preview.wanted");
  return in.living(job, "a question whether previews are wanted") && in.all.previews_wanted ? 1 : 0;
}
inline weft_status preview_show(const weft_host* host, weft_id job, weft_str media_type,
                                weft_str bytes) noexcept {
  entered in(host, "weft_preview.show");
  job_record* record = in.living(job, "a preview");
  if (!record) return WEFT_BAD_INPUT;
  if (!in.all.previews_wanted) return in.all.violation("a preview that nobody wants"), WEFT_OK;
  record->previews.emplace_back(view(media_type), view(bytes));
  return WEFT_OK;
}

// ---- log, secret, state, metric

inline void log_write(const weft_host* host, std::int32_t level, weft_id about, weft_str text,
                      weft_str fields) noexcept {
  entered in(host, "weft_log.write");
  in.all.logs.push_back({level, about, std::string(view(text)), parse_json(fields)});
}
inline weft_status look_up(entered& in, const std::map<std::string, std::string>& in_map,
                           weft_str name, weft_status missing, void* context, weft_take take) {
  const auto found = in_map.find(std::string(view(name)));
  if (found == in_map.end()) return missing;
  const std::string value = found->second;
  in.hold.unlock();
  take(context, borrow(value));
  return WEFT_OK;
}
inline weft_status secret_get(const weft_host* host, weft_str name, void* context,
                              weft_take take) noexcept {
  entered in(host, "weft_secrets.get");
  return look_up(in, in.all.secrets, name, WEFT_AUTH, context, take);
}
inline weft_status state_get(const weft_host* host, weft_str key, void* context,
                             weft_take take) noexcept {
  entered in(host, "weft_state.get");
  return look_up(in, in.all.state, key, WEFT_LOST, context, take);
}
inline weft_status state_put(const weft_host* host, weft_str key, weft_str value) noexcept {
  entered in(host, "weft_state.put");
  in.all.state[std::string(view(key))] = view(value);
  if (value.size == 0) in.all.state.erase(std::string(view(key)));
  return WEFT_OK;
}
inline void metric_add(const weft_host* host, weft_str name, weft_str, double delta) noexcept {
  entered in(host, "weft_metrics.add");
  in.all.metrics[std::string(view(name))] += delta;
}
inline void metric_observe(const weft_host* host, weft_str name, weft_str, double value) noexcept {
  entered in(host, "weft_metrics.observe");
  in.all.metrics[std::string(view(name))] = value;
}

// ---- timer

inline std::int64_t timer_now(const weft_host* host) noexcept {
  entered in(host, "weft_timer.now_ms");
  return in.all.now_ms;
}
inline weft_status timer_start(const weft_host* host, weft_id op, std::uint32_t delay_ms) noexcept {
  entered in(host, "weft_timer.start");
  if (!in.accept(op, WEFT_EV_TIMER, 0)) return WEFT_BAD_INPUT;
  in.all.at(in.all.now_ms + delay_ms, &in.who, op,
            [&who = in.who, op] { send_plain_end(who, op, WEFT_EV_TIMER, WEFT_OK, ""); });
  return WEFT_OK;
}

// ---- job

inline void job_progress(const weft_host* host, weft_id job, std::int32_t permille,
                         weft_str stage) noexcept {
  entered in(host, "weft_job.progress");
  if (permille < -1 || permille > 1000) in.all.violation("progress out of -1..1000");
  if (auto* record = in.living(job, "progress"))
    record->progress.push_back({permille, std::string(view(stage))});
}
inline weft_status job_checkpoint(const weft_host* host, weft_id op, weft_id job,
                                  weft_str token) noexcept {
  entered in(host, "weft_job.checkpoint");
  auto* record = in.living(job, "checkpoint");
  if (record == nullptr || token.size == 0 || token.size > 4096) return WEFT_BAD_INPUT;
  if (!in.accept(op, WEFT_EV_CHECKPOINT, 0)) return WEFT_BAD_INPUT;
  record->unsettled_tokens.emplace_back(view(token));
  in.all.at(in.all.now_ms + in.all.commit_ms, &in.who, op, [&who = in.who, op, record] {
    {
      std::lock_guard hold(who.all->mutex);
      auto& waiting = record->unsettled_tokens;
      if (!waiting.empty()) {  // empty: the job's end was committed together with it
        record->tokens.push_back(std::move(waiting.front()));
        waiting.erase(waiting.begin());
      }
    }
    send_plain_end(who, op, WEFT_EV_CHECKPOINT, WEFT_OK, "");
  });
  return WEFT_OK;
}
inline weft_status job_output(const weft_host* host, weft_id job, const weft_named* output,
                              weft_str meta) noexcept {
  entered in(host, "weft_job.output");
  auto* record = in.living(job, "output");
  if (record == nullptr || output->name.size == 0) return WEFT_BAD_INPUT;
  return guarded([&] {
    const weft_blob& blob = output->blob;
    stored content;
    if (blob.kind == WEFT_FILE) {
      content = in.all.adopt(std::string(view(blob.data)), view(blob.media_type));
    } else if (blob.kind == WEFT_ARTIFACT && in.all.find(blob.artifact) != nullptr) {
      content = *in.all.find(blob.artifact);
    } else {
      std::string bytes = in.all.read(blob);
      if (blob.encoding == WEFT_BASE64) bytes = base64_decode(bytes);
      content = in.all.store(bytes, view(blob.media_type));
    }
    record->outputs.push_back({std::string(view(output->name)), content, parse_json(meta)});
    return WEFT_OK;
  });
}
inline void job_end(const weft_host* host, weft_id id, const weft_result* result) noexcept {
  entered in(host, "weft_job.end");
  auto* record = in.living(id, "end");
  if (record == nullptr) return;
  for (auto& token : record->unsettled_tokens) record->tokens.push_back(std::move(token));
  record->unsettled_tokens.clear();
  record->status = result->status;
  record->message = view(result->message);
  record->retry_after_ms = result->retry_after_ms;
  record->cost_micros = result->cost_micros;
  record->cost_basis = result->cost_basis;
  record->currency = view(result->currency);
  record->used = {result->cpu_ms, result->memory_bytes, result->gpu_memory_bytes,
                  result->queue_place};
  record->result = nlohmann::json::parse(view(result->json), nullptr, false);
  if (result->json.size == 0) record->result = nlohmann::json::object();
  if (!record->result.is_object()) in.all.violation("the JSON of an end is not an object");
  if (result->status >= 64) in.all.violation("a plugin ended with a status of the runtime's own");
  if (record->cancelled && in.all.now_ms - record->cancelled_at_ms > 10'000)
    in.all.violation("an end came more than 10 s after the cancel");
  std::vector<weft_id> left;
  for (const auto& [key, op] : in.all.ops)
    if (key.first == &in.who && op.job == id) left.push_back(key.second);
  for (const weft_id op : left) cancel_op(in.all, in.who, op);
}
inline std::int32_t job_cancelled(const weft_host* host, weft_id job) noexcept {
  entered in(host, "weft_job.cancelled");
  const auto found = in.all.jobs.find(job);
  return found == in.all.jobs.end() || found->second->cancelled ? 1 : 0;
}

// ---- http

inline http_call read_request(const world& all, const weft_http_request& request) {
  http_call call;
  call.method = view(request.method);
  call.url = view(request.url);
  call.buys = (request.flags & WEFT_HTTP_BUYS) != 0;
  call.public_only = (request.flags & WEFT_HTTP_PUBLIC) != 0;
  call.job = request.job;
  for (const weft_pair& pair : elements<weft_pair>(request.headers))
    call.headers.emplace_back(view(pair.name), all.fill_secrets(std::string(view(pair.value))));
  for (const weft_named& part : elements<weft_named>(request.parts)) {
    std::string bytes = all.read(part.blob);
    if (part.blob.encoding == WEFT_BASE64) bytes = base64_encode(bytes);
    if ((request.flags & WEFT_HTTP_FORM) != 0) {
      call.form.push_back({std::string(view(part.name)), std::move(bytes),
                           std::string(view(part.blob.media_type))});
      continue;
    }
    if (call.body.empty() && call.header("Content-Type").empty() && part.blob.media_type.size != 0)
      call.headers.emplace_back("Content-Type", view(part.blob.media_type));
    call.body += bytes;
  }
  return call;
}

// What a lost answer means depends on whether the request buys (weft/http.h).
inline weft_status failure_of(const http_answer& answer, bool buys) {
  if (answer.failure == WEFT_UNKNOWN && !buys) return WEFT_TRANSIENT;
  if (answer.failure == WEFT_BAD_OUTPUT && buys) return WEFT_UNKNOWN;
  return answer.failure;
}

inline void send_answer(tenant& to, weft_id op, const http_answer& answer, bool buys, bool streams,
                        const std::string& save_as) {
  std::vector<weft_pair> headers;
  for (const auto& [name, value] : answer.headers) headers.push_back({borrow(name), borrow(value)});
  auto event =
      make_event<weft_http_event>(WEFT_EV_HTTP_DONE, op, failure_of(answer, buys),
                                  answer.failure == WEFT_OK ? "" : "the answer is missing");
  event.head.retry_after_ms = answer.retry_after_ms;
  event.http_status = answer.status;
  event.headers = borrow_list(headers);
  event.body = borrow(answer.body);
  event.length = answer.body.size();
  std::string digest;
  if (event.head.status == WEFT_OK && answer.status / 100 == 2 && !save_as.empty()) {
    std::lock_guard hold(to.all->mutex);
    const stored content = to.all->store(answer.body, save_as);
    digest = content.digest;
    event.artifact = content.id;
    event.body = {};
  }
  event.digest = borrow(digest);
  if (streams && event.head.status == WEFT_OK) {
    auto piece = event;
    piece.head.type = WEFT_EV_HTTP_DATA;
    send(to, piece.head, false);
    event.body = {};
  }
  send(to, event.head, true);
}

inline weft_status http_start(const weft_host* host, weft_id op,
                              const weft_http_request* request) noexcept {
  entered in(host, "weft_http.start");
  return guarded([&]() -> weft_status {
    const http_call call = read_request(in.all, *request);
    if (!in.accept(op, WEFT_EV_HTTP_DONE, request->job)) return WEFT_BAD_INPUT;
    in.all.http_calls.push_back(call);
    in.hold.unlock();  // a handler may ask the host what happened so far
    const http_answer answer = in.all.answer(call);
    in.hold.lock();
    in.all.at(in.all.now_ms + answer.delay_ms, &in.who, op,
              [&who = in.who, op, answer, buys = call.buys,
               streams = (request->flags & WEFT_HTTP_STREAM) != 0,
               save_as = std::string(view(request->save_as))] {
                send_answer(who, op, answer, buys, streams, save_as);
              });
    return WEFT_OK;
  });
}
inline void http_credit(const weft_host* host, weft_id, std::uint64_t) noexcept {
  entered in(host, "weft_http.credit");
}

// ---- artifacts

inline weft_status artifact_reserve(const weft_host* host, weft_id, weft_str media_type,
                                    void* context, weft_take take) noexcept {
  entered in(host, "weft_artifacts.reserve");
  const std::string path = in.all.new_path(view(media_type)).string();
  in.hold.unlock();
  take(context, borrow(path));
  return WEFT_OK;
}
inline weft_status artifact_commit(const weft_host* host, weft_id op, weft_id job, weft_str path,
                                   weft_str media_type) noexcept {
  entered in(host, "weft_artifacts.commit");
  if (in.living(job, "commit") == nullptr) return WEFT_BAD_INPUT;
  return guarded([&]() -> weft_status {
    const stored content = in.all.adopt(std::string(view(path)), view(media_type));
    if (!in.accept(op, WEFT_EV_ARTIFACT, job)) return WEFT_BAD_INPUT;
    in.all.at(in.all.now_ms, &in.who, op, [&who = in.who, op, content] {
      auto event = make_event<weft_artifact_event>(WEFT_EV_ARTIFACT, op, WEFT_OK, "");
      event.artifact = content.id;
      event.digest = borrow(content.digest);
      event.length = content.length;
      send(who, event.head, true);
    });
    return WEFT_OK;
  });
}
inline weft_status artifact_locate(const weft_host* host, weft_id artifact, void* context,
                                   weft_take take) noexcept {
  entered in(host, "weft_artifacts.locate");
  const stored* content = in.all.find(artifact);
  if (content == nullptr) return WEFT_LOST;
  const std::string path = content->path;
  in.hold.unlock();
  take(context, borrow(path));
  return WEFT_OK;
}
inline weft_id artifact_find(const weft_host* host, weft_str digest) noexcept {
  entered in(host, "weft_artifacts.find");
  return in.all.find(view(digest));
}

}  // namespace weft::testing::detail
