// SPDX-License-Identifier: Apache-2.0
// Puts TLS before a server of this machine, with a certificate of its own for "localhost".
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace weft::net {

class TlsFront {
 public:
  // Passes what comes on to `port`. The certificate, its own authority, is saved as `certificate`.
  TlsFront(boost::asio::io_context& io, std::uint16_t port,
           const std::filesystem::path& certificate);
  ~TlsFront();
  std::uint16_t port() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::net
