// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

// With the one executor there is: one that could be any would make each timer larger by half.
using SteadyTimer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>;

class Timer final : public Operation, public std::enable_shared_from_this<Timer> {
 public:
  Timer(Core& core, weft_id op, Duration delay)
      : core_(core.weak_from_this()),
        op_(op),
        timer_(core.host.parts.io, core.host.parts.stand_in ? Duration{} : delay) {}

  void begin() override {
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      self->tell(error ? WEFT_CANCELLED : WEFT_OK);
    });
  }
  void cancel() override {
    tell(WEFT_CANCELLED);
    timer_.cancel();
  }

 private:
  void tell(weft_status status) {
    if (const auto core = core_.lock()) core->finish(op_, WEFT_EV_TIMER, status);
  }
  std::weak_ptr<Core> core_;
  weft_id op_;
  SteadyTimer timer_;
};

std::int64_t now_ms(const weft_host*) noexcept {
  return to_unix_ms(std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()));
}

weft_status start(const weft_host* host, weft_id op, std::uint32_t delay_ms) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  return core->start(op, 0, std::make_shared<Timer>(*core, op, Duration(delay_ms)));
}

void cancel(const weft_host* host, weft_id op) noexcept {
  if (Core* core = living(host)) core->cancel_operation(op);
}

}  // namespace

constinit const weft_timer timer_table{sizeof(weft_timer), 0, now_ms, start, cancel};

}  // namespace weft::plugin::services
