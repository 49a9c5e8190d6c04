// SPDX-License-Identifier: Apache-2.0
// What a host uses in place of the network when a job is rehearsed: every HTTP request of every
// instance is answered by it, and timers end at once. Nothing leaves the machine.
#pragma once
#include <optional>

#include "net/http_client.hpp"

namespace weft::plugin {

class StandIn {
 public:
  virtual ~StandIn() = default;
  // The answer to a request whose secrets are not filled in, its body in memory whatever
  // `answer_to` asks for; nothing: it is never answered. `buys`: the plugin says that it may cost
  // money. Called in the io thread.
  virtual std::optional<net::HttpResult> answer(const net::HttpRequest& request, bool buys) = 0;
};

}  // namespace weft::plugin
