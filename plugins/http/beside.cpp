// SPDX-License-Identifier: Apache-2.0
#include "beside.hpp"

#include "answer.hpp"
#include "request.hpp"

namespace http_plugin {

Watch::Watch(const Description& all, weft::expressions& language, const Operation& operation,
             weft::job& job)
    : all_(all), operation_(operation), job_(job), scope_(language.scope()), work_(go_on()) {}

// Until the order ends, or is cancelled.
weft::task<> Watch::go_on() {
  bind_task(scope_, all_, operation_, job_.request(), job_.host().now_ms());
  try {
    for (;;) {
      co_await job_.sleep(operation_.beside->every_ms);
      co_await tell();
    }
  } catch (const weft::error& failure) {
    if (failure.status() != WEFT_CANCELLED) throw;
  }
  if (operation_.beside->cancel) co_await stop();
}

// A question that fails says nothing about the order.
weft::task<> Watch::tell() {
  try {
    if (!co_await look()) co_return;
    const auto done = scope_.find(operation_.beside->progress);
    if (done && done->is_number()) job_.progress(done->get<double>(), "running");
  } catch (const weft::error& failure) {
    if (failure.status() == WEFT_CANCELLED) throw;
    job_.log(WEFT_LOG_DEBUG, std::string("not told how far it is: ") + failure.what());
  }
}

// Whether the service, by an answer that the scope then holds, speaks of this order.
weft::task<bool> Watch::look() {
  auto request = build(all_, operation_.beside->ask, scope_, &job_.request());
  const auto answer = co_await job_.http(std::move(request));
  see(scope_, answer);
  if (judge(all_, &operation_, scope_, answer, false)) co_return false;
  const auto ours = scope_.find(operation_.beside->ours);
  co_return !operation_.beside->ours || (ours && *ours == true);
}

// Such a request stops whatever runs: somebody else's work is left alone.
weft::task<> Watch::stop() {
  const weft::call::cleanup all_the_same(job_);
  if (!co_await look()) co_return;
  auto request = build(all_, *operation_.beside->cancel, scope_, &job_.request());
  has_stopped_ = true;  // its order may be answered first
  const auto answer = co_await job_.http(std::move(request));
  see(scope_, answer);
  if (judge(all_, &operation_, scope_, answer, false)) has_stopped_ = false;
}

}  // namespace http_plugin
