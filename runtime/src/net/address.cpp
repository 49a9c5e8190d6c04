// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <boost/asio/ip/address.hpp>

namespace weft::net {
namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;

bool is_public(const address_v4& address) {
  const auto ip = address.to_bytes();
  return !(ip[0] == 0 || ip[0] == 10 || ip[0] == 127 || (ip[0] == 169 && ip[1] == 254) ||
           (ip[0] == 172 && ip[1] >= 16 && ip[1] < 32) || (ip[0] == 192 && ip[1] == 168) ||
           (ip[0] == 192 && ip[1] == 0 && ip[2] == 0) || (ip[0] == 198 && (ip[1] | 1) == 19) ||
           (ip[0] == 100 && ip[1] >= 64 && ip[1] < 128) || ip[0] >= 224);
}

// 2000::/3 without 6to4 and Teredo, which carry addresses of IPv4.
bool is_public(const address_v6& address) {
  const auto ip = address.to_bytes();
  const bool is_6to4 = ip[0] == 0x20 && ip[1] == 0x02;
  const bool is_teredo = ip[0] == 0x20 && ip[1] == 0x01 && ip[2] == 0 && ip[3] == 0;
  return (ip[0] & 0xe0) == 0x20 && !is_6to4 && !is_teredo;
}

}  // namespace

bool is_public_address(const std::string& text) {
  boost::system::error_code failed;
  const auto address = boost::asio::ip::make_address(text, failed);
  if (failed) return false;
  return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

}  // namespace weft::net
