// SPDX-License-Identifier: Apache-2.0
#include "follow.hpp"

#include <algorithm>

namespace comfyui {
namespace {

using nlohmann::json;

constexpr std::int64_t missing_proof_ms = 1000;
constexpr std::uint32_t history_poll_ms = 50, missing_poll_ms = 1000;
constexpr int history_polls = 100;
constexpr std::int64_t tell_every_ms = 500, hurry_ms = 5000, silent_socket_ms = 60'000,
                       look_at_memory_every_ms = 10'000;
constexpr std::uint32_t look_timeout_ms = 2000;

bool is_about_the_network(const weft::error& failure) {
  return failure.status() == WEFT_NOT_SENT || failure.status() == WEFT_TRANSIENT ||
         failure.status() == WEFT_BAD_OUTPUT;
}

}  // namespace

void spent_nothing(weft::job& job) {
  const auto& currency = job.request().currency();
  job.cost(weft::cost::billed(0, currency.empty() ? "USD" : currency));
}

Follower::Follower(weft::job& job, Client& client, Live& live, Listener& listener,
                   const Settings& settings)
    : job_(job),
      client_(client),
      live_(live),
      listener_(listener),
      settings_(settings),
      begun_(job.host().now_ms()),
      silence_ms_(silent_socket_ms) {
  listener_.on_news = [this] { hear(); };
  listener_.on_preview = [this](const PreviewFrame& frame) {
    job_.preview(frame.media_type, frame.bytes);
  };
  live_.listen(job_.key(), listener_);
}

Follower::~Follower() {
  live_.forget(job_.key());
}

weft::task<> Follower::look_up(weft::error reason) {
  for (int looks = 0; looks < 2; ++looks) {
    if (looks > 0) co_await job_.sleep(missing_proof_ms);
    const Where where = co_await where_is();
    if (where != Where::nowhere) co_return;
  }
  spent_nothing(job_);
  throw weft::error(WEFT_LOST,
                    std::string("the server does not have the prompt; before: ") + reason.what());
}

// A look-up that fails settles nothing.
weft::task<Where> Follower::where_is() {
  try {
    co_return co_await client_.find(job_, job_.key());
  } catch (const weft::error& failure) {
    if (failure.status() == WEFT_CANCELLED) throw;
    throw weft::error(WEFT_UNKNOWN,
                      std::string("the prompt cannot be looked up: ") + failure.what());
  }
}

weft::task<json> Follower::entry() {
  for (;;) {
    live_.keep_open(listener_.client_id);
    std::string trouble;
    std::optional<Where> where = co_await ask(trouble);
    if (where == Where::running) note_place(1);
    if (where == Where::ended) next_look_at_memory_ = 0;  // what it loaded may still be there
    if (where == Where::running || where == Where::ended) co_await look_at_memory();
    if (where == Where::ended) {
      json entry = co_await written_entry(trouble);
      if (!entry.is_null()) co_return entry;
      where = Where::nowhere;
      if (!trouble.empty()) where.reset();
    }
    if (where == Where::pending) co_await look_at_queue();
    judge(where, trouble);
    if (running_since_ != 0 && job_.host().now_ms() - running_since_ > settings_.stuck_ms)
      co_await give_up();
    const std::uint32_t pause = where == Where::nowhere ? missing_poll_ms : poll_ms();
    co_await job_.sleep(pause, early_);
  }
}

// Nothing, and what is the matter, when the server does not say.
weft::task<std::optional<Where>> Follower::ask(std::string& trouble) {
  try {
    co_return co_await client_.find(job_, job_.key());
  } catch (const weft::error& failure) {
    if (!is_about_the_network(failure)) throw;
    trouble = failure.what();
  }
  co_return std::nullopt;
}

// The server may tell the end a moment before it writes it down.
weft::task<json> Follower::written_entry(std::string& trouble) {
  for (int polls = 0; polls < history_polls; ++polls) {
    if (polls > 0) co_await job_.sleep(history_poll_ms);
    try {
      json entry = co_await client_.history(job_, job_.key());
      if (!entry.is_null()) co_return entry;
    } catch (const weft::error& failure) {
      if (!is_about_the_network(failure)) throw;
      trouble = failure.what();
    }
    if (!trouble.empty()) break;
  }
  co_return json();
}

// Quick while a short job may end or the server has told the end, slow for a long one.
std::uint32_t Follower::poll_ms() const {
  const std::int64_t now = job_.host().now_ms(), age = now - begun_;
  if (now < hurry_until_ms_) return history_poll_ms;
  return age < 2000 ? 250 : age < 60'000 ? 1000 : 2000;
}

void Follower::judge(std::optional<Where> where, const std::string& trouble) {
  const std::int64_t now = job_.host().now_ms();
  const auto since = [&](std::int64_t& begun, bool holds) {
    if (!holds) begun = 0;
    if (holds && begun == 0) begun = now;
    return holds ? now - begun : 0;
  };
  if (since(silent_since_, !where) > settings_.patience_ms)
    throw weft::error(WEFT_UNKNOWN, "the server has not answered about the prompt: " + trouble);
  if (!where) return;
  if (since(missing_since_, where == Where::nowhere) >= missing_proof_ms) {
    spent_nothing(job_);
    job_.host().changed(WEFT_CHANGED_HEALTH);
    throw weft::error(WEFT_LOST,
                      "the server has the prompt no more: it was restarted, or "
                      "somebody emptied its queue or history");
  }
  since(running_since_, where == Where::running);
  if (where != Where::running) return;
  tell();
  if (now - std::max(listener_.heard_ms, running_since_) < silence_ms_) return;
  silence_ms_ *= 2;  // a node that takes long and tells nothing is no reason by itself
  live_.doubt(listener_.client_id);
}

void Follower::hear() {
  if (listener_.progress.has_ended()) {
    hurry_until_ms_ = job_.host().now_ms() + hurry_ms;
    early_.wake();
  } else {
    tell();
  }
}

// Not with every frame.
void Follower::tell() {
  const std::int64_t now = job_.host().now_ms();
  if (now - told_ms_ < tell_every_ms) return;
  told_ms_ = now;
  const Progress& progress = listener_.progress;
  job_.progress(progress.has_begun() ? progress.fraction() : -1, progress.stage());
}

weft::task<> Follower::look_at_queue() {
  json queue;
  std::size_t position = 0;
  try {
    queue = co_await client_.fetch(job_, "/queue");
    position = position_in(queue, job_.key());
  } catch (const weft::error& failure) {
    if (!is_about_the_network(failure)) throw;
    co_return;  // the next poll finds out whether the server is there
  } catch (const json::exception&) {
    co_return;  // as above
  }
  if (position != 0) job_.progress(0, "queued, " + std::to_string(position) + " in line");
  const std::size_t running = queue.value("queue_running", json::array()).size();
  if (position != 0) note_place(position + running);
  const bool is_idle = position != 0 && running == 0;
  const std::int64_t now = job_.host().now_ms();
  if (!is_idle) idle_since_ = 0;
  if (is_idle && idle_since_ == 0) idle_since_ = now;
  if (!is_idle || now - idle_since_ <= idle_proof_ms) co_return;
  co_await client_.stop(job_, job_.key(), settings_.shared);
  spent_nothing(job_);
  job_.host().changed(WEFT_CHANGED_HEALTH);
  throw weft::error(WEFT_TRANSIENT,
                    "the prompt waited while nothing ran: the server's worker has "
                    "died; restart ComfyUI");
}

// As it was first seen, right after the order; after a restart it has moved on.
void Follower::note_place(std::size_t place) {
  auto& known = job_.used().queue_place;
  if (known == 0 && !job_.attached()) known = static_cast<std::uint32_t>(place);
}

// Whatever the server answers, the prompt is none the worse for it.
weft::task<> Follower::look_at_memory() {
  const std::int64_t now = job_.host().now_ms();
  if (now < next_look_at_memory_) co_return;
  next_look_at_memory_ = now + look_at_memory_every_ms;
  try {
    auto request = client_.get("/system_stats").timeout(look_timeout_ms);
    const auto answer = co_await job_.http(std::move(request));
    auto& most = job_.used().gpu_memory_bytes;
    most = std::max(most, gpu_bytes_in_use(answer.json()));
  } catch (const weft::error& failure) {
    if (failure.status() == WEFT_CANCELLED) throw;
  } catch (const json::exception&) {
    co_return;
  }
}

weft::task<> Follower::give_up() {
  co_await client_.stop(job_, job_.key(), settings_.shared);
  job_.host().changed(WEFT_CHANGED_HEALTH);
  throw weft::error(WEFT_UNKNOWN, "the prompt ran for " +
                                      std::to_string(settings_.stuck_ms / 1000) +
                                      " s (config.stuck_seconds) and was asked to stop");
}

}  // namespace comfyui
