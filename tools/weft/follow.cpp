// SPDX-License-Identifier: Apache-2.0
#include "follow.hpp"

#include <condition_variable>
#include <ostream>
#include <thread>

#include "event_line.hpp"
#include "json_views.hpp"
#include "live_view.hpp"

namespace weft::cli {
namespace {

constexpr std::chrono::milliseconds frame_time{250};  // progress changes twice a second at most

// Redraws the view of a run from a thread of its own, until it is destroyed.
class LiveDisplay {
 public:
  LiveDisplay(Context& context, Runtime& runtime, SignalWatcher& signals, std::string run)
      : context_(context), runtime_(runtime), signals_(signals), run_(std::move(run)) {
    signals_.on_resize([this] { wake(false); });
    signals_.on_suspend([this] {
      wake(true);
      context_.screen().clear();
    });
    thread_ = std::jthread([this](const std::stop_token& stop) { draw_until(stop); });
  }
  ~LiveDisplay() {
    signals_.on_resize({});
    signals_.on_suspend({});
    thread_.request_stop();
    thread_.join();
    context_.screen().clear();
  }
  LiveDisplay(const LiveDisplay&) = delete;
  LiveDisplay& operator=(const LiveDisplay&) = delete;

 private:
  void wake(bool suspended) {
    const std::lock_guard lock(mutex_);
    suspended_ = suspended;
    redraw_ = true;
    changed_.notify_one();
  }

  void draw_until(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
      if (!suspended_) draw();
      changed_.wait_for(lock, stop, frame_time, [this] { return std::exchange(redraw_, false); });
    }
  }

  void draw() {
    const TerminalSize size = context_.screen().size();
    const int height = std::min(size.rows - 1, std::max(6, size.rows / 2));
    auto run = runtime_.run(run_);
    if (!run) return;  // wait() meets the same error and reports it
    LiveState state;
    state.run = std::move(*run);
    state.running = tasks_in("running", height);
    state.waiting = tasks_in("waiting", height);
    state.now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    state.color = context_.screen_color();
    context_.screen().show(render(state, size.columns, height));
  }

  std::vector<TaskView> tasks_in(const char* state, int limit) {
    auto tasks = runtime_.tasks(run_, {.state = state, .limit = static_cast<std::uint32_t>(limit)});
    return tasks ? std::move(*tasks) : std::vector<TaskView>{};
  }

  Context& context_;
  Runtime& runtime_;
  SignalWatcher& signals_;
  const std::string run_;
  std::mutex mutex_;  // held while a frame is drawn: a suspension waits for it
  std::condition_variable_any changed_;
  bool suspended_ = false;
  bool redraw_ = false;
  std::jthread thread_;
};

void show_event(Context& context, const EventView& event) {
  if (context.options.json)
    context.print(to_json(event));
  else if (context.options.quiet)
    return;
  else if (!context.screen().is_terminal())
    context.screen().print(plain_event_line(event));
  else if (event.type != "task.started" || context.options.verbosity > 0)  // the view shows those
    context.screen().print(friendly_event_line(event, context.screen_color()));
}

result<int> stop(Context& context, Runtime& runtime, const std::string& run) {
  const bool executes = runtime.executing();
  Screen& screen = context.screen();
  if (executes && !context.options.quiet)
    screen.print(
        "stopping: local work is ended, jobs at services go on; once more to stop at once");
  runtime.close(false);
  if (!context.options.quiet)
    screen.print((executes ? "stopped; it goes on with: weft resume "
                           : "another process executes the run; look at it with: weft show ") +
                 run);
  return interrupted_exit_code;
}

result<RunView> follow(Context& context, Runtime& runtime, SignalWatcher& signals,
                       const Followed& followed) {
  std::optional<LiveDisplay> display;
  const GlobalOptions& options = context.options;
  if (context.screen().is_terminal() && !options.json && !options.quiet)
    display.emplace(context, runtime, signals, followed.run);
  return runtime.wait(followed.run, [&](const EventView& event) {
    if (event.cursor > followed.after) show_event(context, event);
  });
}

}  // namespace

Interruptible::Interruptible(Context& context, Runtime& runtime, SignalWatcher& signals)
    : context_(context), signals_(signals) {
  signals_.on_stop([this, &runtime](bool again) {
    if (!again) return runtime.interrupt();
    runtime.close(true);
    leave();
  });
}

Interruptible::~Interruptible() {
  signals_.on_stop([&context = context_](bool again) {
    if (again) context.leave(interrupted_exit_code);
  });
}

void Interruptible::leave() {
  context_.screen().clear();
  context_.leave(interrupted_exit_code);
}

result<int> interrupted_or(const SignalWatcher& signals, const Error& error) {
  if (signals.stop_asked()) return interrupted_exit_code;
  return error;
}

result<int> follow_to_end(Context& context, Runtime& runtime, SignalWatcher& signals,
                          const Followed& followed,
                          const std::function<result<int>(const RunView&)>& report) {
  const auto end = follow(context, runtime, signals, followed);
  if (end) return report(*end);
  return signals.stop_asked() ? stop(context, runtime, followed.run) : result<int>(end.error());
}

result<std::uint64_t> last_cursor(Runtime& runtime, const std::string& run) {
  std::uint64_t cursor = 0;
  for (;;) {
    const auto events = runtime.events(run, cursor);
    if (!events) return events.error();
    if (events->empty()) return cursor;
    cursor = events->back().cursor;
  }
}

}  // namespace weft::cli
