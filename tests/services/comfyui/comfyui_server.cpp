// SPDX-License-Identifier: Apache-2.0
#include "comfyui_server.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <functional>

#include "answers.hpp"

namespace weft::comfy_fake {
namespace {

std::optional<Reply> whole(std::optional<net::ServerResponse> answer) {
  if (!answer) return std::nullopt;
  return Reply{*std::move(answer), {}};
}

constexpr std::string_view made_on = "Sat, 22 Aug 2026 10:00:00 GMT";  // every file

std::string tag_of(const std::string& bytes) {
  return "\"" + std::to_string(std::hash<std::string>()(bytes)) + "-" +
         std::to_string(bytes.size()) + "\"";
}

// Leaves what the request asks for. As the server's HTTP library does it: If-Range is understood as
// a date alone, so that a tag in it does not keep the end of another file from being sent.
void cut(net::ServerResponse& answer, const net::ServerRequest& request) {
  const std::string* range = net::find_header(request.headers, "Range");
  const std::string* unless = net::find_header(request.headers, "If-Range");
  if (!range || !range->starts_with("bytes=")) return;
  const bool is_date = unless && unless->find("GMT") != std::string::npos;
  if (is_date && *unless != made_on) return;
  std::size_t first = 0, last = answer.body.size();
  std::sscanf(range->c_str(), "bytes=%zu-%zu", &first, &last);
  const std::string total = std::to_string(answer.body.size());
  if (first >= answer.body.size()) {
    answer = {416, {{"Content-Range", "bytes */" + total}}, ""};
    return;
  }
  last = std::min(last, answer.body.size() - 1);
  answer.status = 206;
  answer.headers.push_back({"Content-Range", "bytes " + std::to_string(first) + "-" +
                                                 std::to_string(last) + "/" + total});
  answer.body = answer.body.substr(first, last - first + 1);
}

}  // namespace

std::optional<Reply> ComfyServer::handle(const net::ServerRequest& request, Timestamp now) {
  std::string_view path = request.path;
  if (path.starts_with("/fake/")) return whole(control(request, path.substr(5), now));
  advance(now);
  if (is_down(now)) return std::nullopt;
  // Every route is there with and without /api, jobs only with it.
  const bool has_prefix = path.starts_with("/api/");
  if (has_prefix) path.remove_prefix(4);
  ++requests_[request.method + " " + std::string(path.substr(0, path.find('/', 1)))];
  const auto fault = take_fault(request, path);
  if (fault && !fault->breaks_after) {
    if (fault->status == 0) return std::nullopt;
    return Reply{{fault->status, {{"Content-Type", fault->content_type}}, fault->body}, {}};
  }
  if (path.starts_with("/jobs") && !has_prefix) return Reply{not_found(), {}};
  auto reply = whole(route(request, path, now));
  if (reply && fault) reply->breaks_after = fault->breaks_after;
  advance(now);
  return reply;
}

std::optional<net::ServerResponse> ComfyServer::route(const net::ServerRequest& request,
                                                      std::string_view path, Timestamp now) {
  if (const std::string* origin = net::find_header(request.headers, "Origin");
      origin && origin->find("127.0.0.1") == std::string::npos)
    return Response{403, {}, ""};
  if (request.method == "POST" && path == "/prompt") return post_prompt(request, now);
  if (request.method == "POST") return answer_post(request, path, now);
  if (request.method == "GET") return answer_get(request, path, now);
  return Response{405, {{"Content-Type", "text/plain; charset=utf-8"}}, "405: Method Not Allowed"};
}

net::ServerResponse ComfyServer::answer_get(const net::ServerRequest& request,
                                            std::string_view path, Timestamp) {
  if (path == "/ws") {
    const std::string* upgrade = net::find_header(request.headers, "Upgrade");
    if (upgrade && net::same_header_name(*upgrade, "websocket")) return {101, {}, ""};
    return {400, {{"Content-Type", "text/plain; charset=utf-8"}}, "No WebSocket UPGRADE hdr"};
  }
  if (path == "/system_stats") return json_answer(system_stats());
  if (path == "/features")
    return json_answer({{"supports_preview_metadata", true}, {"max_upload_size", 104857600.0}});
  if (path == "/prompt")
    return json_answer({{"exec_info", {{"queue_remaining", worker_.queue_remaining()}}}});
  if (path == "/queue") return json_answer(worker_.queue());
  if (path == "/history" || path.starts_with("/history/"))
    return get_history(request, path.substr(std::min<std::size_t>(path.size(), 9)));
  if ((path == "/jobs" || path.starts_with("/jobs/")) && is_since(0, 5, 1))
    return get_jobs(request, path.substr(std::min<std::size_t>(path.size(), 6)));
  if (path == "/view") return get_view(request);
  if (path == "/object_info") return json_answer(catalogue_.object_info());
  if (path.starts_with("/object_info/")) return get_object_info(path.substr(13));
  return not_found();
}

net::ServerResponse ComfyServer::answer_post(const net::ServerRequest& request,
                                             std::string_view path, Timestamp) {
  if (path == "/upload/image" || path == "/upload/mask") return post_upload(request);
  if (path == "/interrupt") return post_interrupt(request);
  if (path.starts_with("/jobs/")) return post_jobs(request, path.substr(6));
  const auto body = parse_json(request.body);
  if (path != "/queue" && path != "/history" && path != "/free") return not_found();
  if (!body || !body->is_object()) return trouble();
  if (path == "/queue") return post_queue(body->get_object());
  if (path == "/history") return post_history(body->get_object());
  if (is_true(*body, "free_memory")) worker_.empty_cache();
  return empty_answer();
}

std::optional<Fault> ComfyServer::take_fault(const net::ServerRequest& request,
                                             std::string_view path) {
  for (Fault& fault : script.faults) {
    if (!fault.method.empty() && fault.method != request.method) continue;
    if (!path.starts_with(fault.path) || fault.times == 0) continue;
    if (fault.after > 0) {
      --fault.after;
      continue;
    }
    --fault.times;
    return fault;
  }
  return std::nullopt;
}

net::ServerResponse ComfyServer::post_upload(const net::ServerRequest& request) {
  const auto form = parse_multipart(request.headers, request.body);
  const auto field = [&](const char* name) {
    const auto found = form->find(name);
    return found == form->end() ? std::string() : found->second.bytes;
  };
  if (!form || !form->contains("image")) return {400, {}, ""};
  const FormField& image = form->at("image");
  FileName file{field("type").empty() ? "input" : field("type"), field("subfolder"),
                image.file_name};
  if (file.type != "input" && file.type != "temp" && file.type != "output") return trouble();
  if (file.name.empty() || climbs(file.subfolder) || climbs(file.name)) return {400, {}, ""};
  const bool overwrite = field("overwrite") == "true" || field("overwrite") == "1";
  ++uploads_;
  const std::string name = disk_.upload(file, image.bytes, overwrite);
  return json_answer({{"name", name}, {"subfolder", file.subfolder}, {"type", file.type}});
}

net::ServerResponse ComfyServer::post_queue(const json::object& order) {
  if (is_true(order, "clear")) worker_.clear_pending();
  if (const json::value* ids = order.if_contains("delete"); ids && ids->is_array())
    for (const json::value& id : ids->get_array())
      if (id.is_string()) worker_.remove_pending(id.get_string());
  return empty_answer();
}

net::ServerResponse ComfyServer::post_history(const json::object& order) {
  if (is_true(order, "clear")) worker_.clear_history();
  if (const json::value* ids = order.if_contains("delete"); ids && ids->is_array())
    for (const json::value& id : ids->get_array())
      if (id.is_string()) worker_.forget_history(id.get_string());
  return empty_answer();
}

// By id since September 2025; before, and without one, it hits whoever runs.
net::ServerResponse ComfyServer::post_interrupt(const net::ServerRequest& request) {
  const auto body = parse_json(request.body);
  const json::value* id = body && is_since(0, 3, 57) ? find_member(*body, "prompt_id") : nullptr;
  worker_.interrupt(id && id->is_string() ? std::string_view(id->get_string())
                                          : std::string_view());
  return empty_answer();
}

net::ServerResponse ComfyServer::post_jobs(const net::ServerRequest& request,
                                           std::string_view rest) {
  if (!is_since(0, 25, 0))
    return {405, {{"Content-Type", "text/plain; charset=utf-8"}}, "405: Method Not Allowed"};
  if (rest.ends_with("/cancel"))
    return json_answer({{"cancelled", cancel(rest.substr(0, rest.size() - 7))}});
  if (rest != "cancel") return not_found();
  const auto body = parse_json(request.body);
  const json::value* ids = body ? find_member(*body, "job_ids") : nullptr;
  if (!ids || !ids->is_array()) return json_answer({{"error", "job_ids is missing"}}, 400);
  json::array invalid_ids;
  bool any = false;
  for (const json::value& id : ids->get_array())
    if (!id.is_string() || !is_uuid(id.get_string())) invalid_ids.push_back(id);
  if (!invalid_ids.empty())
    return json_answer({{"error", "invalid job ids"}, {"invalid_ids", invalid_ids}}, 400);
  for (const json::value& id : ids->get_array()) any = cancel(id.get_string()) || any;
  return json_answer({{"cancelled", any}});
}

bool ComfyServer::cancel(std::string_view id) {
  return worker_.interrupt(id) || worker_.remove_pending(id);
}

net::ServerResponse ComfyServer::get_history(const net::ServerRequest& request,
                                             std::string_view id) const {
  json::object answer;
  if (!id.empty()) {
    if (const json::object* entry = worker_.find_history(id)) answer[id] = *entry;
    return json_answer(answer);
  }
  std::size_t first = 0;
  if (const auto most = query(request, "max_items")) {
    const auto wanted = parse_json(*most);
    if (!wanted || !wanted->is_int64()) return trouble();
    const auto count = static_cast<std::size_t>(std::max<std::int64_t>(wanted->get_int64(), 0));
    first = worker_.history().size() - std::min(count, worker_.history().size());
  }
  for (std::size_t i = first; i < worker_.history().size(); ++i)
    answer[worker_.history()[i].first] = worker_.history()[i].second;
  return json_answer(answer);
}

net::ServerResponse ComfyServer::get_jobs(const net::ServerRequest&, std::string_view id) const {
  if (!id.empty()) {
    const auto found = job(id);
    return found ? json_answer(*found) : json_answer({{"error", "Job not found"}}, 404);
  }
  json::array jobs;
  for (const auto& [known, entry] : worker_.history()) jobs.push_back(*job(known));
  const auto total = static_cast<std::int64_t>(jobs.size());
  return json_answer(
      {{"jobs", jobs},
       {"pagination", {{"offset", 0}, {"limit", 100}, {"total", total}, {"has_more", false}}}});
}

// The queue is asked first, then the history, under one lock.
std::optional<json::object> ComfyServer::job(std::string_view id) const {
  const auto open = [&](const Item& item, std::string_view status) {
    return json::object{{"id", item.id},
                        {"status", status},
                        {"priority", item.number},
                        {"create_time", to_unix_ms(item.accepted_at)},
                        {"outputs_count", 0},
                        {"workflow", {{"prompt", item.prompt}, {"extra_data", item.extra_data}}}};
  };
  if (const Item* running = worker_.running(); running && running->id == id) {
    json::object said = open(*running, "in_progress");
    said["execution_start_time"] = to_unix_ms(*worker_.running_since());
    return said;
  }
  if (const Item* pending = worker_.find_pending(id)) return open(*pending, "pending");
  if (const json::object* entry = worker_.find_history(id)) return finished_job(id, *entry);
  return std::nullopt;
}

net::ServerResponse ComfyServer::get_view(const net::ServerRequest& request) const {
  const auto name = query(request, "filename");
  if (!name || name->empty()) return not_found();
  const FileName file{query(request, "type").value_or("output"),
                      query(request, "subfolder").value_or(""), *name};
  if (file.type != "input" && file.type != "temp" && file.type != "output") return {400, {}, ""};
  if (file.name.find("..") != std::string::npos) return {400, {}, ""};
  if (climbs(file.subfolder)) return {403, {}, ""};
  const std::string* bytes = disk_.read(file);
  if (!bytes) return not_found();
  Response answer{200,
                  {{"Content-Type", content_type_of(file.name)},
                   {"Content-Disposition", "filename=\"" + file.name + "\""},
                   {"Accept-Ranges", "bytes"},
                   {"ETag", tag_of(*bytes)},
                   {"Last-Modified", std::string(made_on)}},
                  *bytes};
  cut(answer, request);
  return answer;
}

net::ServerResponse ComfyServer::get_object_info(std::string_view class_type) const {
  json::object answer;
  if (const json::object* node = catalogue_.find(class_type)) answer[class_type] = *node;
  return json_answer(answer);
}

json::object ComfyServer::system_stats() const {
  return {{"system",
           {{"os", "posix"},
            {"ram_total", 16'000'000'000},
            {"ram_free", 8'000'000'000},
            {"comfyui_version", script.version},
            {"python_version", "3.12.3"},
            {"pytorch_version", "2.8.0"},
            {"argv", json::array{"main.py"}}}},
          {"devices", json::array{{{"name", "cuda:0 NVIDIA"},
                                   {"type", "cuda"},
                                   {"index", 0},
                                   {"vram_total", 24'000'000'000},
                                   {"vram_free", 20'000'000'000},
                                   {"torch_vram_total", 0},
                                   {"torch_vram_free", 0}}}}};
}

bool ComfyServer::is_since(int major, int minor, int patch) const {
  return comfy_fake::is_since(script.version, major, minor, patch);
}

SocketId ComfyServer::open_socket(std::string sid, Timestamp now) {
  advance(now);
  const SocketId socket = sockets_.open(sid, worker_.queue_remaining());
  worker_.greet(sid);
  return socket;
}

void ComfyServer::advance(Timestamp now) {
  if (dies_ && dies_->first <= now) {
    const auto [at, down] = *std::exchange(dies_, std::nullopt);
    worker_.advance(at);
    restart(at, down);
  }
  worker_.advance(now);
}

std::optional<Timestamp> ComfyServer::next_at() const {
  const auto next = worker_.next_at();
  if (!dies_) return next;
  return next ? std::min(*next, dies_->first) : dies_->first;
}

void ComfyServer::restart(Timestamp now, Duration down) {
  sockets_.break_all();
  worker_.lose_everything();
  disk_.clear("temp");
  next_number_ = 0;
  down_until_ = now + down;
}

json::object ComfyServer::stats() const {
  json::object by_id, requests;
  for (const auto& [id, times] : by_id_) by_id[id] = times;
  for (const auto& [what, times] : requests_) requests[what] = times;
  return {{"accepted", accepted_},
          {"rejected", rejected_},
          {"billed_micros", billed_micros_},
          {"uploads", uploads_},
          {"by_id", by_id},
          {"requests", requests},
          {"nodes_run", worker_.nodes_run()}};
}

}  // namespace weft::comfy_fake
