// SPDX-License-Identifier: Apache-2.0
// What can be asked and said while an order stays open: how far it is, and that it shall stop.
#pragma once
#include <weft/plugin.hpp>

#include "description.hpp"

namespace http_plugin {

// Lives as long as the order is open, in its coroutine; what it is made of must outlive it.
class Watch {
 public:
  Watch(const Description& all, weft::expressions& language, const Operation& operation,
        weft::job& job);

  // The order was cancelled, and the service told to stop: what it still answers is no whole
  // result.
  bool has_stopped() const noexcept { return has_stopped_; }

 private:
  weft::task<> go_on();
  weft::task<> tell();
  weft::task<bool> look();
  weft::task<> stop();

  const Description& all_;
  const Operation& operation_;
  weft::job& job_;
  weft::expression_scope scope_;
  bool has_stopped_ = false;
  weft::companion work_;  // uses all of the above
};

}  // namespace http_plugin
