// SPDX-License-Identifier: Apache-2.0
// Finds out whether a kept connection holds bytes that nobody asked for.
#pragma once
#include <curl/curl.h>

#include <cstdint>
#include <unordered_map>

namespace weft::net {

// A server that answers twice leaves an answer on the connection that curl would take for the
// answer to the next request: one job's id would become another's. curl tells the socket of a
// connection only after a transfer, and its ports only before one; this remembers which belong
// together. Without TLS only: there unread bytes may be frames or tickets.
class KeptSockets {
 public:
  // A transfer has ended well; its connection may be used again.
  void note(CURL* easy);
  // Asked before a request goes out on a kept connection. False also when the connection is not
  // known.
  bool has_stray_bytes(std::uint16_t local_port, std::uint16_t remote_port) const;

 private:
  std::unordered_map<std::uint16_t, curl_socket_t> by_local_port_;  // entries may be out of date
};

}  // namespace weft::net
