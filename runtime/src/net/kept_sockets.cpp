// SPDX-License-Identifier: Apache-2.0
#include "net/kept_sockets.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace weft::net {
namespace {

using NameOf = int (*)(int, sockaddr*, socklen_t*);

// The port at one end of a socket; 0 when it is no connection.
std::uint16_t port_of(NameOf name_of, int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (name_of(socket, address, &size) != 0) return 0;
  if (storage.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(address)->sin_port);
  if (storage.ss_family != AF_INET6) return 0;
  return ntohs(reinterpret_cast<sockaddr_in6*>(address)->sin6_port);
}

}  // namespace

void KeptSockets::note(CURL* easy) {
  long port = 0;
  curl_socket_t socket = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy, CURLINFO_LOCAL_PORT, &port);
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
  if (socket != CURL_SOCKET_BAD) by_local_port_[static_cast<std::uint16_t>(port)] = socket;
}

bool KeptSockets::has_stray_bytes(std::uint16_t local_port, std::uint16_t remote_port) const {
  const auto found = by_local_port_.find(local_port);
  if (found == by_local_port_.end()) return false;
  const int socket = found->second;
  if (port_of(&::getsockname, socket) != local_port ||
      port_of(&::getpeername, socket) != remote_port) {
    return false;  // that connection is closed, and the number is another's
  }
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

}  // namespace weft::net
