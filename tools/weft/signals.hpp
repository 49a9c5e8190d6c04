// SPDX-License-Identifier: Apache-2.0
// Signals as calls on an ordinary thread.
#pragma once
#include <functional>
#include <memory>

namespace weft::cli {

// Of a process that went because it was asked to.
inline constexpr int interrupted_exit_code = 130;

// While one exists, SIGINT, SIGTERM and SIGHUP ask for a stop, SIGWINCH tells of a new terminal
// size, and SIGTSTP suspends after the terminal has been put in order. Make it before any other
// thread is started: they inherit the blocked signals. One at a time in a process.
class SignalWatcher {
 public:
  SignalWatcher();
  // Unblocks the signals again in the calling thread, which must be the one that made it.
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  // Has a stop been asked for?
  bool stop_asked() const;

  // Each handler is called on the watcher's thread, one at a time; setting one waits until the
  // handler that runs has returned, so what an old one used may go then.
  // `again` is false for the first request to stop, which is repeated if it came before the handler
  // did.
  void on_stop(std::function<void(bool again)> handler);
  void on_resize(std::function<void()> handler);
  void on_suspend(std::function<void()> handler);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weft::cli
