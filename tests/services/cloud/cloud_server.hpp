// SPDX-License-Identifier: Apache-2.0
// Services on the Internet, as far as the shipped descriptions speak to them. Pure: what becomes of
// a request is a value, and main.cpp does it.
#pragma once
#include <optional>

#include "book.hpp"
#include "net/http_server.hpp"

namespace weft::cloud_fake {

// How a request is answered.
struct Reply {
  enum class How { whole, partial, none, never };
  How how = How::whole;
  net::ServerResponse response;
  Duration delay{0};
  Duration trickle{0};
  std::string open_task;  // of an order that runs until the answer goes
};

class CloudServer {
 public:
  // `video`: what every file of a video holds; "": a line of text.
  explicit CloudServer(std::string files_url, std::string video = {}) : video_(std::move(video)) {
    book_.files_url = std::move(files_url);
  }
  Reply handle(const net::ServerRequest& request);
  // Whether the order of that task runs on, with nobody having interrupted it.
  bool runs_on(std::string_view task) const;
  // How the slow door reads now, and what it has taken.
  const Reading& reading() const noexcept { return script_.reading; }
  void count_taken(std::size_t bytes) { book_.count_taken(bytes); }
  // Its answer goes.
  void close(std::string_view task);

 private:
  std::optional<net::ServerResponse> control(const net::ServerRequest& request);
  std::optional<Reply> fault(const net::ServerRequest& request);
  net::ServerResponse file(const net::ServerRequest& request);

  const std::string video_;
  Script script_;
  Book book_;
};

}  // namespace weft::cloud_fake
