// SPDX-License-Identifier: Apache-2.0
#include "signals.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>

namespace weft::cli {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

struct SignalWatcher::State {
  sigset_t mask_before{};
  std::atomic<bool> stop_asked = false;
  std::atomic<bool> ending = false;
  std::mutex mutex;  // held while a handler runs
  std::function<void(bool)> on_stop;
  std::function<void()> on_resize;
  std::function<void()> on_suspend;
  std::thread thread;

  void watch() {
    const sigset_t set = watched_signals();
    while (!ending) {
      int signal = 0;
      if (sigwait(&set, &signal) == 0 && !ending) handle(signal);
    }
  }

  void handle(int signal) {
    const std::lock_guard lock(mutex);
    if (signal == SIGWINCH) {
      if (on_resize) on_resize();
    } else if (signal == SIGTSTP) {
      if (on_suspend) on_suspend();
      kill(getpid(), SIGSTOP);  // goes on here after SIGCONT
      if (on_resize) on_resize();
    } else {
      const bool again = stop_asked.exchange(true);
      if (on_stop) on_stop(again);
    }
  }
};

SignalWatcher::SignalWatcher() : state_(std::make_unique<State>()) {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, &state_->mask_before);
  state_->thread = std::thread([state = state_.get()] { state->watch(); });
}

SignalWatcher::~SignalWatcher() {
  state_->ending = true;
  pthread_kill(state_->thread.native_handle(), SIGTERM);  // wakes sigwait
  state_->thread.join();
  pthread_sigmask(SIG_SETMASK, &state_->mask_before, nullptr);
}

bool SignalWatcher::stop_asked() const {
  return state_->stop_asked;
}

void SignalWatcher::on_stop(std::function<void(bool)> handler) {
  const std::lock_guard lock(state_->mutex);
  state_->on_stop = std::move(handler);
  if (state_->on_stop && state_->stop_asked) state_->on_stop(false);
}

void SignalWatcher::on_resize(std::function<void()> handler) {
  const std::lock_guard lock(state_->mutex);
  state_->on_resize = std::move(handler);
}

void SignalWatcher::on_suspend(std::function<void()> handler) {
  const std::lock_guard lock(state_->mutex);
  state_->on_suspend = std::move(handler);
}

}  // namespace weft::cli
