// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

namespace weft::net {

// Whether an IP address, written as text, is one of the public Internet: neither private, loopback,
// link-local, multicast nor reserved (RFC 6890), nor an IPv6 address that stands for such a one of
// IPv4. What is no address is not public.
bool is_public_address(const std::string& text);

}  // namespace weft::net
