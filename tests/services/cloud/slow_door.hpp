// SPDX-License-Identifier: Apache-2.0
// Another way in to a server of this machine, which takes what its clients send as slowly as it is
// told, or not at all for a while. Answers come back at once.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/result.hpp"
#include "cloud_server.hpp"

namespace weft::cloud_fake {

// Belongs to the thread that runs `io`.
class SlowDoor {
 public:
  // `cloud` says how to read before each piece, counts it, and outlives the door.
  SlowDoor(boost::asio::io_context& io, CloudServer& cloud)
      : io_(io), cloud_(cloud), acceptor_(io) {}
  SlowDoor(const SlowDoor&) = delete;
  SlowDoor& operator=(const SlowDoor&) = delete;

  // Listens on return, at a free port; who comes is led to `port`.
  result<> open_to(std::uint16_t port);
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void accept();

  boost::asio::io_context& io_;
  CloudServer& cloud_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint behind_;
};

}  // namespace weft::cloud_fake
