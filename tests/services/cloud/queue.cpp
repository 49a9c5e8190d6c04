// SPDX-License-Identifier: Apache-2.0
// fal: an order goes into a queue; status, result and cancel have URLs that the answer gives, below
// the application without its subpath.
#include "families.hpp"

namespace weft::cloud_fake {
namespace {

using net::ServerResponse;

std::string base(const Asked& asked, const Job& job) {
  return asked.url + "/" + asked.parts[0] + "/" + asked.parts[1] + "/requests/" + job.id;
}

json::object status_of(const Asked& asked, const Job& job) {
  const std::string url = base(asked, job);
  return {{"status", job.is_done() || job.cancelled ? "COMPLETED" : "IN_PROGRESS"},
          {"request_id", job.id},
          {"response_url", url},
          {"status_url", url + "/status"},
          {"cancel_url", url + "/cancel"}};
}

ServerResponse submit(Asked& asked) {
  return tell(200, status_of(asked, asked.book.add_job("image")));
}

ServerResponse status(Asked& asked) {
  const Job* job = asked.book.find(asked.parts.back(), true);
  if (!job) return tell(404, {{"detail", "Request not found"}});
  return tell(job->is_done() || job->cancelled ? 200 : 202, status_of(asked, *job));
}

// That a request is completed does not mean that it went well.
ServerResponse outcome(Asked& asked) {
  const Job* job = asked.book.find(asked.parts.back());
  if (!job) return tell(404, {{"detail", "Request not found"}});
  if (!job->is_done()) return tell(400, {{"detail", "Request is still in progress"}});
  if (!job->fail.empty())
    return tell(
        422,
        {{"detail", json::array{json::object{
                        {"loc", json::array{"body"}}, {"msg", job->fail}, {"type", job->fail}}}}});
  return tell(200, {{"images", json::array{json::object{{"url", file_url(asked, *job)}}}},
                    {"seed", 7},
                    {"has_nsfw_concepts", json::array{false}}});
}

ServerResponse cancel(Asked& asked) {
  Job* job = asked.book.find(asked.parts.back());
  if (!job) return tell(404, {{"status", "NOT_FOUND"}});
  if (job->is_done()) return tell(400, {{"status", "ALREADY_COMPLETED"}});
  job->cancelled = true;
  return tell(202, {{"status", "CANCELLATION_REQUESTED"}});
}

constexpr Route routes[] = {
    {"POST", "/*/*/dev", true, submit},
    {"GET", "/*/*/requests/*/status", false, status},
    {"GET", "/*/*/requests/*", false, outcome},
    {"PUT", "/*/*/requests/*/cancel", false, cancel},
};

}  // namespace

std::span<const Route> queue_routes() noexcept {
  return routes;
}

}  // namespace weft::cloud_fake
