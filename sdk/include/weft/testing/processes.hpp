// SPDX-License-Identifier: Apache-2.0
// weft/testing/processes.hpp - the process service of the fake host. Its children are real; while
// one that was started asynchronously lives, the virtual clock stands still.
#pragma once

#include <weft/testing/tables.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

extern "C" char** environ;

namespace weft::testing::detail {

inline child_request read_request(const world& all, const weft_process_request& request) {
  child_request child;
  for (const weft_str& text : elements<weft_str>(request.argv)) child.argv.emplace_back(view(text));
  if (child.argv.empty()) throw error(WEFT_BAD_INPUT, "no program");
  child.cwd = request.cwd.size == 0 ? all.folder().string() : std::string(view(request.cwd));
  child.timeout_ms = request.timeout_ms;
  for (char** variable = environ; *variable != nullptr; ++variable)
    for (const std::string_view kept : {"PATH=", "HOME=", "LANG=", "LC_", "TMPDIR=", "CUDA_"})
      if (std::string_view(*variable).starts_with(kept)) child.environment.emplace_back(*variable);
  for (const weft_pair& pair : elements<weft_pair>(request.env))
    child.environment.push_back(std::string(view(pair.name)) + "=" + std::string(view(pair.value)));
  return child;
}

inline weft_process_event line_event(weft_id op, std::uint32_t stream, std::string_view line) {
  auto event = make_event<weft_process_event>(WEFT_EV_PROCESS_LINE, op, WEFT_OK, "");
  event.stream = stream;
  event.line = borrow(line);
  return event;
}
inline weft_process_event exit_event(weft_id op, const child_end& end) {
  auto event = make_event<weft_process_event>(WEFT_EV_PROCESS_EXIT, op, end.status, end.message);
  event.exit_code = end.code;
  event.signal = end.signal;
  return event;
}

inline weft_status process_run(const weft_host* host, weft_id job,
                               const weft_process_request* request, void* context,
                               weft_process_sink sink) noexcept {
  return guarded([&] {
    std::shared_ptr<job_record> record;
    child_request child;
    {
      entered in(host, "weft_process.run");
      if (in.living(job, "run") == nullptr) return weft_status{WEFT_BAD_INPUT};
      record = in.all.jobs.at(job);
      child = read_request(in.all, *request);
    }
    bool enough = false;
    const auto stop = [&] {
      std::lock_guard hold(tenant_of(host).all->mutex);
      return enough || record->cancelled;
    };
    const auto on_line = [&](std::uint32_t stream, std::string_view line) {
      const auto event = line_event(0, stream, line);
      if (sink(context, &event) != 0) enough = true;
    };
    const child_end end = run_child(child, stop, on_line);
    const auto event = exit_event(0, end);
    sink(context, &event);
    return end.status;
  });
}

// Follows one child on a thread of its own and puts what it says on the agenda.
inline void follow(tenant& who, weft_id op, const child_request& child,
                   const std::shared_ptr<bool>& stopped) {
  world& all = *who.all;
  const auto post = [&](std::function<void()> deliver) {
    std::lock_guard hold(all.mutex);
    if (who.alive) all.at(all.now_ms, &who, op, std::move(deliver));
  };
  const auto stop = [&] {
    std::lock_guard hold(all.mutex);
    return *stopped;
  };
  const auto on_line = [&](std::uint32_t stream, std::string_view line) {
    post([&who, op, stream, text = std::string(line)] {
      const auto event = line_event(op, stream, text);
      send(who, event.head, false);
    });
  };
  const child_end end = run_child(child, stop, on_line);
  post([&who, op, end] {
    const auto event = exit_event(op, end);
    send(who, event.head, true);
  });
  std::lock_guard hold(all.mutex);
  --all.live_children;
  all.changed.notify_all();
}

inline weft_status process_start(const weft_host* host, weft_id op, weft_id job,
                                 const weft_process_request* request) noexcept {
  entered in(host, "weft_process.start");
  return guarded([&]() -> weft_status {
    auto child = read_request(in.all, *request);
    if (!in.accept(op, WEFT_EV_PROCESS_EXIT, job)) return WEFT_BAD_INPUT;
    auto stop = in.all.ops.at({&in.who, op}).stop;
    ++in.all.live_children;
    in.all.children.emplace_back(
        [&who = in.who, op, child = std::move(child), stop] { follow(who, op, child, stop); });
    return WEFT_OK;
  });
}

}  // namespace weft::testing::detail
