// SPDX-License-Identifier: Apache-2.0
#include "cloud_server.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "families.hpp"

namespace weft::cloud_fake {
namespace {

using net::ServerRequest;
using net::ServerResponse;

// The parts of a path that the stars of a pattern stand for; nothing: it does not fit.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parts;
  while (!pattern.empty()) {
    if (pattern.front() != '*') {
      if (path.empty() || path.front() != pattern.front()) return std::nullopt;
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      continue;
    }
    pattern.remove_prefix(1);
    const char end = pattern.empty() ? '/' : pattern.front();
    const std::size_t length = std::min({path.find(end), path.find('/'), path.size()});
    if (length == 0) return std::nullopt;
    parts.emplace_back(path.substr(0, length));
    path.remove_prefix(length);
  }
  if (!path.empty()) return std::nullopt;
  return parts;
}

const Route* find_route(const ServerRequest& request, std::vector<std::string>& parts) {
  for (const auto routes :
       {sync_routes(), job_routes(), queue_routes(), sdapi_routes(), chat_routes()})
    for (const Route& route : routes) {
      if (request.method != route.method) continue;
      if (auto found = match(route.pattern, request.path)) {
        parts = std::move(*found);
        return &route;
      }
    }
  return nullptr;
}

bool has_key(const ServerRequest& request) {
  return std::ranges::any_of(
      std::array{"authorization", "x-key", "x-goog-api-key"},
      [&](const char* name) { return net::find_header(request.headers, name) != nullptr; });
}

ServerResponse response_of(const Told& told) {
  ServerResponse response{told.status, told.headers, told.body};
  if (!net::find_header(response.headers, "content-type"))
    response.headers.push_back({"Content-Type", "application/json"});
  return response;
}

// The answer to a purchase that was accepted, as the script wants it.
Reply reply_of(const Purchase& purchase, ServerResponse response) {
  Reply reply{Reply::How::whole, std::move(response), purchase.delay_ms, purchase.trickle_ms, {}};
  if (purchase.answer == Answer::none_after) reply.how = Reply::How::none;
  if (purchase.answer == Answer::silent) reply.how = Reply::How::never;
  if (purchase.answer == Answer::partial) reply.how = Reply::How::partial;
  if (purchase.answer == Answer::error_after) reply.response = response_of(purchase.told);
  if (!purchase.content_type.empty()) {
    std::erase_if(reply.response.headers,
                  [](const net::Header& h) { return h.name == "Content-Type"; });
    reply.response.headers.push_back({"Content-Type", purchase.content_type});
  }
  reply.response.body.append(purchase.huge_bytes, ' ');
  return reply;
}

}  // namespace

Reply CloudServer::handle(const ServerRequest& request) {
  if (auto controlled = control(request))
    return {Reply::How::whole, std::move(*controlled), {}, {}, {}};
  book_.count_request(request.method + " " + request.path);
  if (auto failed = fault(request)) return std::move(*failed);
  if (request.path.starts_with("/files/")) return {Reply::How::whole, file(request), {}, {}, {}};
  std::vector<std::string> parts;
  const Route* route = find_route(request, parts);
  if (!route)
    return {Reply::How::whole, tell(404, {{"detail", "there is no " + request.path}}), {}, {}, {}};
  const std::string* host = net::find_header(request.headers, "host");
  const auto body = parse_json(request.body);
  Asked asked{request,
              std::move(parts),
              "http://" + (host ? *host : "127.0.0.1"),
              body ? *body : json::value(),
              script_,
              book_};
  if (!route->buys) return {Reply::How::whole, route->answer(asked), {}, {}, {}};
  const Purchase purchase = book_.begin_purchase(script_);
  if (purchase.answer == Answer::none_before) return {Reply::How::none, {}, {}, {}, {}};
  if (purchase.answer == Answer::error_before)
    return {Reply::How::whole, response_of(purchase.told), purchase.delay_ms, {}, {}};
  book_.bill(request.path, script_.cost_micros);
  Reply reply = reply_of(purchase, route->answer(asked));
  reply.open_task = asked.text("force_task_id");
  return reply;
}

bool CloudServer::runs_on(std::string_view task) const {
  return book_.open && book_.open->task == task && !book_.open->interrupted;
}

void CloudServer::close(std::string_view task) {
  if (book_.open && book_.open->task == task) book_.open.reset();
}

std::optional<ServerResponse> CloudServer::control(const ServerRequest& request) {
  if (request.path == "/fake/stats") return tell(200, book_.stats());
  if (request.path == "/fake/restart") {
    book_.restart();
    return tell(200, {});
  }
  if (request.path == "/fake/finish") {
    book_.finish();
    return tell(200, {});
  }
  if (request.path != "/fake/script") return std::nullopt;
  const auto order = parse_json(request.body);
  if (!order) return tell(400, {{"error", order.error().to_string()}});
  if (const auto applied = apply(script_, *order); !applied)
    return tell(400, {{"error", applied.error().to_string()}});
  return tell(200, {});
}

std::optional<Reply> CloudServer::fault(const ServerRequest& request) {
  const auto found = std::ranges::find_if(script_.faults, [&](const Fault& fault) {
    return fault.times > 0 && request.path.starts_with(fault.path);
  });
  if (found == script_.faults.end()) return std::nullopt;
  --found->times;
  if (found->told.status == 0) return Reply{Reply::How::none, {}, {}, {}, {}};
  return Reply{Reply::How::whole, response_of(found->told), {}, {}, {}};
}

ServerResponse CloudServer::file(const ServerRequest& request) {
  book_.count_file(has_key(request));
  if (request.path.ends_with(".png")) return picture();
  return {
      200, {{"Content-Type", "video/mp4"}}, video_.empty() ? "a video of " + request.path : video_};
}

}  // namespace weft::cloud_fake
