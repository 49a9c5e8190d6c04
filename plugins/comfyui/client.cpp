// SPDX-License-Identifier: Apache-2.0
#include "client.hpp"

#include <fstream>

namespace comfyui {
namespace {

using nlohmann::json;

constexpr std::uint32_t request_timeout_ms = 30'000, transfer_timeout_ms = 1'800'000,
                        transfer_idle_ms = 60'000;
constexpr std::size_t most_uploads = 10'000;  // that are remembered

std::string first_bytes(const std::string& path) {
  std::string bytes(16, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  return bytes;
}

}  // namespace

Client::Client(const json& config)
    : url_(config.at("url").get<std::string>()), headers_(config.value("headers", json::object())) {
  while (url_.ends_with('/')) url_.pop_back();  // "//queue" is refused by servers and proxies
}

weft::http_request Client::get(const std::string& path) const {
  auto request = weft::get(url_ + path).timeout(request_timeout_ms);
  for (const auto& [name, value] : headers_.items())
    std::move(request).header(name, value.get<std::string>());
  return request;
}

weft::http_request Client::post(const std::string& path) const {
  auto request = weft::post(url_ + path).timeout(request_timeout_ms);
  for (const auto& [name, value] : headers_.items())
    std::move(request).header(name, value.get<std::string>());
  return request;
}

weft::task<json> Client::fetch(weft::call& call, std::string path) {
  auto request = get(path);
  const auto answer = co_await call.http(std::move(request));
  co_return answer.json();
}

weft::task<weft::http_response> Client::submit(weft::job& job, json order) {
  auto request = post("/prompt").json(order).buys().any_status();
  co_return co_await job.http(std::move(request));
}

weft::task<bool> Client::has_jobs(weft::call& call) {
  if (!has_jobs_) {
    auto request = get("/api/jobs?limit=1").any_status();
    const auto answer = co_await call.http(std::move(request));
    if (answer.status() != 200 && answer.status() != 404 && answer.status() != 405)
      throw unexpected(answer.status(), "/api/jobs");
    has_jobs_ = answer.status() == 200;
  }
  co_return *has_jobs_;
}

weft::task<Where> Client::find(weft::call& call, std::string id) {
  try {
    co_return co_await where_is(call, std::move(id));
  } catch (const json::exception& odd) {
    throw weft::error(WEFT_BAD_OUTPUT, std::string("an answer is not ComfyUI's: ") + odd.what());
  }
}

weft::task<Where> Client::where_is(weft::call& call, std::string id) {
  const bool knows_jobs = co_await has_jobs(call);
  if (knows_jobs) {
    auto request = get("/api/jobs/" + id).any_status();
    const auto answer = co_await call.http(std::move(request));
    const json said = json::parse(answer.body(), nullptr, false);
    if (answer.status() == 404 && said.is_object() && said.contains("error"))
      co_return Where::nowhere;
    if (answer.status() != 200 || !said.is_object())
      throw weft::error(WEFT_TRANSIENT, "HTTP " + std::to_string(answer.status()) +
                                            " instead of the state of a job");
    const auto status = said.value("status", "");
    co_return status == "pending" ? Where::pending
    : status == "in_progress"     ? Where::running
                                  : Where::ended;
  }
  const json queue = co_await fetch(call, "/queue");
  queue.at("queue_running");  // of what is no queue nobody may conclude that the prompt is gone
  if (is_running(queue, id)) co_return Where::running;
  if (position_in(queue, id) != 0) co_return Where::pending;
  const json entry = co_await history(call, id);
  co_return entry.is_null() ? Where::nowhere : Where::ended;
}

weft::task<std::string> Client::client_of(weft::call& call, std::string id) {
  try {
    const json queue = co_await fetch(call, "/queue");
    co_return client_in(queue, id);
  } catch (const weft::error& failure) {
    if (failure.status() == WEFT_CANCELLED) throw;
  } catch (const json::exception&) {
    co_return "";
  }
  co_return "";
}

weft::task<json> Client::history(weft::call& call, std::string id) {
  const json answer = co_await fetch(call, "/history/" + id);
  co_return answer.is_object() ? answer.value(id, json()) : json();
}

// On servers without jobs an interrupt may hit whoever runs, whatever id it names: it is sent only
// when the running prompt is this one, and not at all where others may be hit in between.
weft::task<> Client::stop(weft::call& call, std::string id, bool shared) {
  auto cancel = post("/api/jobs/" + id + "/cancel").any_status();
  const auto cancelled = co_await call.http(std::move(cancel));
  if (cancelled.status() == 200) co_return;
  json ids = json::object();
  ids["delete"] = json::array({id});
  auto dequeue = post("/queue").json(ids);
  co_await call.http(std::move(dequeue));
  const json queue = co_await fetch(call, "/queue");
  if (!is_running(queue, id) || shared) co_return;
  json one = json::object();
  one["prompt_id"] = id;
  auto interrupt = post("/interrupt").json(one);
  co_await call.http(std::move(interrupt));
}

weft::task<std::string> Client::upload(weft::job& job, weft::artifact content) {
  if (const auto known = uploaded_.find(content.sha256()); known != uploaded_.end())
    co_return known->second;
  const std::string folder = "weft/" + content.sha256();
  auto request = post("/upload/image")
                     .file("image", content)
                     .field("type", "input")
                     .field("subfolder", folder)
                     .field("overwrite", "true")
                     .timeout(transfer_timeout_ms)
                     .idle_timeout(transfer_idle_ms)
                     .any_status();
  const auto answer = co_await job.http(std::move(request));
  if (answer.status() != 200) throw unexpected(answer.status(), "/upload/image");
  const json said = answer.json();
  const auto name = said.at("name").get<std::string>();
  const auto subfolder = said.value("subfolder", "");
  std::string reference = subfolder.empty() ? name : subfolder + "/" + name;
  if (uploaded_.size() == most_uploads) uploaded_.clear();
  uploaded_[content.sha256()] = reference;
  co_return reference;
}

weft::task<weft::artifact> Client::download(weft::job& job, OutputFile file,
                                            std::int64_t patience_ms) {
  const std::string media_type = media_type_of(file.name);
  const std::string path = "/view?filename=" + percent_encoded(file.name) +
                           "&subfolder=" + percent_encoded(file.subfolder) +
                           "&type=" + percent_encoded(file.type);
  const std::int64_t begun = job.host().now_ms();
  for (;;) {
    try {
      auto request = get(path)
                         .save_as(media_type.empty() ? "*" : media_type)
                         .timeout(transfer_timeout_ms)
                         .idle_timeout(transfer_idle_ms)
                         .any_status();
      const auto answer = co_await job.http(std::move(request));
      if (answer.status() == 404)
        throw weft::error(WEFT_BAD_OUTPUT, "the server names " + file.name + " and has it no more");
      if (answer.status() != 200) throw unexpected(answer.status(), file.name);
      const weft::artifact& content = answer.artifact();
      if (!looks_like(media_type, first_bytes(content.path())))
        throw weft::error(WEFT_BAD_OUTPUT, file.name + " is no " + media_type);
      co_return content;
    } catch (const weft::error& error) {
      if (error.status() != WEFT_TRANSIENT && error.status() != WEFT_NOT_SENT) throw;
      if (job.host().now_ms() - begun > patience_ms) throw;
    }
    co_await job.sleep(1000);
  }
}

}  // namespace comfyui
