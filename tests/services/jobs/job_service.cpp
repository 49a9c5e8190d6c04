// SPDX-License-Identifier: Apache-2.0
#include "job_service.hpp"

#include <boost/json/serialize.hpp>

#include "base/json.hpp"

namespace weft::jobs {
namespace {

using net::Responder;
using net::ServerRequest;
using net::ServerResponse;

ServerResponse answer(int status, const json::object& body) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(body)};
}

ServerResponse refusal(int status, std::string_view error_class, std::string_view message,
                       const std::optional<std::int64_t>& retry_after_s = {}) {
  auto response = answer(status, {{"error", {{"class", error_class}, {"message", message}}}});
  if (retry_after_s) response.headers.push_back({"Retry-After", std::to_string(*retry_after_s)});
  return response;
}

ServerResponse no_such_job() {
  return refusal(404, "lost", "there is no such job");
}

std::string text_member(const json::value& value, std::string_view name) {
  const auto* member = find_member(value, name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

// The same answer two times on one connection, as a broken proxy might do it; in one piece, so that
// the second does not come so late that no client could tell it from the answer to its next
// request.
void answer_twice(const ServerResponse& response, Responder responder) {
  const std::string length = std::to_string(response.body.size());
  responder.begin(response.status,
                  {{"Content-Type", "application/json"}, {"Content-Length", length}});
  responder.write(response.body +
                  "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: " +
                  length + "\r\n\r\n" + response.body);
  responder.end();
}

// "job-1" of "/jobs/job-1" or, with `suffix`, of "/jobs/job-1/cancel"; "" when the path is another.
std::string_view id_in(std::string_view path, std::string_view suffix = {}) {
  constexpr std::string_view prefix = "/jobs/";
  if (!path.starts_with(prefix) || !path.ends_with(suffix)) return {};
  if (path.size() < prefix.size() + suffix.size()) return {};
  const auto id = path.substr(prefix.size(), path.size() - prefix.size() - suffix.size());
  return id.find('/') == std::string_view::npos ? id : std::string_view{};
}

}  // namespace

void JobService::use(Journal::Opened opened) {
  for (const Bill& bill : opened.bills) book_.count(bill);
  journal_.emplace(std::move(opened.journal));
}

void JobService::reset() {
  book_ = {};
  if (journal_) journal_->clear();
}

void JobService::handle(ServerRequest request, Responder responder) {
  const bool post = request.method == "POST";
  if (post && request.path == "/jobs") return submit(request, std::move(responder));
  if (request.path.starts_with("/jobs")) return responder.send(jobs_request(request));
  if (!post && request.path == "/stats") return responder.send(answer(200, book_.stats()));
  if (post && request.path == "/reset") {
    reset();
  } else if (post && request.path == "/restart") {
    book_.restart();
  } else if (post && request.path == "/shutdown") {
    on_shutdown_();
  } else {
    return responder.send(refusal(404, "bad_input", "there is no such resource"));
  }
  responder.send(answer(200, {}));
}

ServerResponse JobService::jobs_request(const ServerRequest& request) {
  if (request.method == "POST") {
    const auto id = id_in(request.path, "/cancel");
    return id.empty() ? refusal(404, "bad_input", "there is no such resource") : cancel(id);
  }
  if (request.path != "/jobs") return poll(id_in(request.path));
  if (request.query.size() != 1 || request.query[0].first != "key") {
    return refusal(400, "bad_input", "ask for /jobs?key=KEY");
  }
  return answer(200, {{"jobs", book_.find(request.query[0].second, now_())}});
}

ServerResponse JobService::poll(std::string_view id) {
  const Job* job = book_.poll(id);
  if (!job) return no_such_job();
  auto response = answer(200, describe(*job, now_()));
  if (state_of(*job, now_()) == JobState::failed && job->behaviour.retry_after) {
    response.headers.push_back({"Retry-After", std::to_string(*job->behaviour.retry_after)});
  }
  return response;
}

ServerResponse JobService::cancel(std::string_view id) {
  const auto state = book_.cancel(id, now_());
  return state ? answer(200, {{"state", to_string(*state)}}) : no_such_job();
}

void JobService::submit(const ServerRequest& request, Responder responder) {
  book_.count_post();
  const auto refuse = [&](std::string_view why) { responder.send(refusal(400, "bad_input", why)); };
  const auto order = parse_json(request.body);
  if (!order) return refuse(order.error().to_string());
  std::string key = text_member(*order, "key");
  if (const auto* header = net::find_header(request.headers, "Idempotency-Key");
      header && key.empty()) {
    key = *header;
  }
  if (key.empty()) return refuse("a job needs a key");
  const auto* wanted = find_member(*order, "behaviour");
  auto behaviour = wanted ? parse_behaviour(*wanted) : Behaviour{};
  if (!behaviour) return refuse(behaviour.error().to_string());
  if (behaviour->reject) {
    return responder.send(refusal(*behaviour->reject, behaviour->fail, "rejected as ordered",
                                  behaviour->retry_after));
  }
  const auto submitted =
      book_.submit(std::move(key), text_member(*order, "operation"), *std::move(behaviour), now_());
  if (submitted.bill && journal_) journal_->append(*submitted.bill);
  answer_submit(submitted, std::move(responder));
}

void JobService::answer_submit(const JobBook::Submitted& submitted, Responder responder) {
  const Job& job = submitted.job;
  const auto accepted =
      answer(201, {{"id", job.id}, {"key", job.key}, {"state", to_string(state_of(job, now_()))}});
  if (!submitted.bill) return responder.send(accepted);  // the misbehaviour was for the first time
  switch (job.behaviour.answer) {
    case Answer::ok:
      return responder.send(accepted);
    case Answer::none:
      return responder.abort();
    case Answer::silent:
      silent_.push_back(std::move(responder));
      return;
    case Answer::twice:
      return answer_twice(accepted, std::move(responder));
    case Answer::error_after:
      return responder.send(refusal(500, "transient", "failed after accepting, as ordered",
                                    job.behaviour.retry_after));
  }
}

}  // namespace weft::jobs
