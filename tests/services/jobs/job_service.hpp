// SPDX-License-Identifier: Apache-2.0
// The job service as HTTP: routes to the book, and the ways not to answer. The protocol stands in
// README.md.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "job_book.hpp"
#include "journal.hpp"
#include "net/http_server.hpp"

namespace weft::jobs {

// Hand handle() to an HttpServer; the service must outlive it.
class JobService {
 public:
  using Now = std::function<Timestamp()>;
  // `on_shutdown` is called when a client asks for the end of the process.
  JobService(Now now, std::function<void()> on_shutdown)
      : now_(std::move(now)), on_shutdown_(std::move(on_shutdown)) {}

  // Takes over the counts of the journal and goes on in it.
  void use(Journal::Opened opened);
  void handle(net::ServerRequest request, net::Responder responder);

 private:
  void submit(const net::ServerRequest& request, net::Responder responder);
  void answer_submit(const JobBook::Submitted& submitted, net::Responder responder);
  net::ServerResponse jobs_request(const net::ServerRequest& request);
  net::ServerResponse poll(std::string_view id);
  net::ServerResponse cancel(std::string_view id);
  void reset();

  Now now_;
  std::function<void()> on_shutdown_;
  JobBook book_;
  std::optional<Journal> journal_;
  std::vector<net::Responder> silent_;  // requests that are never answered
};

}  // namespace weft::jobs
