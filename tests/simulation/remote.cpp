// SPDX-License-Identifier: Apache-2.0
#include "remote.hpp"

#include <array>

#include "pipelines.hpp"

namespace weft::simulation {
namespace {

constexpr std::array all_failures{
    Outcome::bad_input,    Outcome::unsupported, Outcome::refused,   Outcome::auth,
    Outcome::quota,        Outcome::not_sent,    Outcome::transient, Outcome::rate_limited,
    Outcome::lost,         Outcome::unknown,     Outcome::unknown,   Outcome::bad_output,
    Outcome::cancelled,    Outcome::internal,    Outcome::exhausted, Outcome::transient,
    Outcome::rate_limited, Outcome::not_sent,    Outcome::ok};

json::object some_file(Random& random) {
  ArtifactInfo file;
  file.digest.bytes[0] = static_cast<std::uint8_t>(random.below(256));
  file.size_bytes = 100;
  file.media_type = "image/png";
  file.name = "picture.png";
  return {{"image", to_json(file)}};
}

}  // namespace

void Services::connect(Ears ears) {
  ears_ = std::move(ears);
  ++process_;
}

void Services::disconnect() {
  for (auto& [attempt, connection] : open_)
    if (connection.local) connection.job->over = true;  // it dies with the process
  open_.clear();
  ++process_;
}

void Services::in_process(Duration after, std::function<void()> happening) {
  scene_.timeline.after(after, [this, process = process_, happening = std::move(happening)] {
    if (process == process_) happening();
  });
}

// ---------------------------------------------------------------- what a job will come to

MaybeMoney Services::bill(const ModelService& model) {
  if (model.service.is_free() || scene_.random.chance(300)) return std::nullopt;
  if (!model.service.price) return Money{10'000 * scene_.random.between(0, 30), "USD"};
  const Money& price = model.service.price->rows.front().amount;
  const std::int64_t micros =
      scene_.random.chance(800) ? price.micros : price.micros * scene_.random.between(5, 13) / 10;
  return Money{micros, price.currency};
}

engine::JobResult Services::success(const ModelService& model, const std::string& operation) {
  engine::JobResult result;
  result.cost = bill(model);
  result.outputs = operation == draw_operation
                       ? some_file(scene_.random)
                       : json::object{{"value", scene_.random.between(0, 9)}};
  return result;
}

engine::JobResult Services::failure(const ModelService& model, const std::string& operation) {
  engine::JobResult result;
  result.outcome = scene_.random.pick(all_failures);
  result.message = "it broke";
  if (result.outcome == Outcome::rate_limited) result.retry_after = scene_.random.span(0, 20'000);
  const bool may_say_when =
      result.outcome == Outcome::transient || result.outcome == Outcome::quota;
  if (may_say_when && scene_.random.chance(200))
    result.retry_after = scene_.random.span(500, 10'000);
  if (result.outcome == Outcome::bad_output || scene_.random.chance(100)) result.cost = bill(model);
  if (result.outcome == Outcome::lost && scene_.random.chance(500)) result.cost = Money{0, "USD"};
  if (result.outcome == Outcome::ok && scene_.random.chance(500))
    result = success(model, operation);  // else without outputs
  return result;
}

void Services::decide(RemoteJob& job, const ModelService& model) {
  constexpr std::array<std::uint32_t, 4> failing_permille{30, 350, 750, 900};
  constexpr std::array<std::uint32_t, 4> silent_permille{3, 30, 60, 300};
  const auto mood = static_cast<std::size_t>(model.mood);
  Random& random = scene_.random;
  const bool fails =
      scene_.may(scene_.options.troubles.failures) && random.chance(failing_permille[mood]);
  job.accepted = true;
  job.silent = scene_.may(scene_.options.troubles.hangs) && random.chance(silent_permille[mood]);
  Duration span = random.chance(200) ? random.span(0, 5) : random.span(5, model.slowest_ms);
  if (job.silent && random.chance(400)) {  // very late instead
    job.silent = false;
    span = random.span(20'000, 90'000);
  }
  job.result = fails ? failure(model, job.operation) : success(model, job.operation);
  if (job.result.outcome == Outcome::not_sent) job.accepted = false;
  if (job.result.outcome == Outcome::unknown && random.chance(500)) job.accepted = false;
  if (scene_.calm) span = random.span(1, 200);
  job.ends_at = scene_.now() + span;
}

// ---------------------------------------------------------------- asked by the engine

void Services::submit(StoredAttempt& attempt, const engine::Job& asked) {
  const ModelService& model = *landscape_.find(asked.service);
  auto job = std::make_shared<RemoteJob>();
  job->attempt = asked.attempt;
  job->key = asked.idempotency_key;
  job->service = asked.service;
  job->operation = asked.operation();
  decide(*job, model);
  attempt.truth.remote = job;
  open(job, model);
}

void Services::attach(StoredAttempt& attempt, const engine::Job& asked) {
  const ModelService& model = *landscape_.find(asked.service);
  std::shared_ptr<RemoteJob> job = attempt.truth.remote;
  const bool forgotten = !job || !job->accepted ||
                         (scene_.may(scene_.options.troubles.failures) && scene_.random.chance(60));
  if (forgotten) {
    if (!job) job = std::make_shared<RemoteJob>();
    job->attempt = asked.attempt;
    job->key = asked.idempotency_key;
    job->service = asked.service;
    job->operation = asked.operation();
    job->silent = false;
    job->ends_at = scene_.now() + scene_.random.span(1, 500);
    job->result = {};
    job->result.outcome = scene_.random.chance(800) ? Outcome::lost : Outcome::unknown;
    job->result.message = "no such job";
    if (scene_.random.chance(600)) job->result.cost = Money{0, "USD"};
    attempt.truth.remote = job;
  }
  if (scene_.calm) {
    job->silent = false;
    job->ends_at = scene_.now() + scene_.random.span(1, 200);
  }
  open(job, model);
}

void Services::open(const std::shared_ptr<RemoteJob>& job, const ModelService& model) {
  Connection connection{job, model.service.local, model.tokens, ++next_connection_};
  open_.insert_or_assign(job->attempt, connection);
  const Duration left = std::max(Duration{1}, job->ends_at - scene_.now());
  speak(connection, left);
  if (!job->silent) end_later(connection, left, job->result);
}

// Signs of life, before the end and sometimes after it.
void Services::speak(const Connection& connection, Duration until_end) {
  Random& random = scene_.random;
  const AttemptRef attempt = connection.job->attempt;
  const std::int64_t span_ms = until_end.count() + (random.chance(30) ? 5'000 : -1);
  if (connection.job->silent && random.chance(500)) return;
  if (random.chance(500))
    in_process(random.span(0, std::max<std::int64_t>(span_ms, 0)), [this, attempt] {
      ears_.deliver(engine::JobStarted{attempt, scene_.random.chance(500)});
    });
  if (random.chance(300))
    in_process(random.span(0, std::max<std::int64_t>(span_ms, 0)), [this, attempt] {
      ears_.progress({attempt, static_cast<std::int32_t>(scene_.random.below(1000)), "working"});
    });
  if (!connection.tokens || !connection.job->accepted) return;
  for (std::uint32_t count = random.below(3); count > 0; --count)
    in_process(random.span(0, std::max<std::int64_t>(span_ms, 0)), [this, connection, attempt] {
      if (!is_open(attempt, connection.number)) return;
      const std::uint64_t number = ++connection.job->checkpoints;
      ears_.deliver(engine::JobCheckpointed{attempt, number, "job-" + std::to_string(number)});
    });
}

void Services::end_later(const Connection& connection, Duration after, engine::JobResult result) {
  in_process(after, [this, attempt = connection.job->attempt, number = connection.number,
                     result = std::move(result)] { end(attempt, number, result); });
}

bool Services::is_open(const AttemptRef& attempt, std::uint64_t connection) const {
  const auto found = open_.find(attempt);
  return found != open_.end() && found->second.number == connection;
}

void Services::end(const AttemptRef& attempt, std::uint64_t connection, engine::JobResult result) {
  if (!is_open(attempt, connection)) return;
  open_.at(attempt).job->over = true;
  open_.erase(attempt);
  answer(attempt, result);
  if (!scene_.may(scene_.options.troubles.duplicates) || !scene_.random.chance(40)) return;
  if (scene_.random.chance(300)) {  // and something else than before
    result.outcome = scene_.random.pick(all_failures);
    result.outputs = json::object{{"value", 99}};
  }
  in_process(scene_.random.chance(500) ? Duration{0} : scene_.random.span(1, 10'000),
             [this, attempt, result] { answer(attempt, result); });
}

void Services::answer(const AttemptRef& attempt, const engine::JobResult& result) {
  ears_.ended(attempt, result);
}

void Services::cancel(const AttemptRef& attempt) {
  const auto found = open_.find(attempt);
  if (found == open_.end()) return;
  const Connection& connection = found->second;
  Random& random = scene_.random;
  engine::JobResult result;
  result.outcome = Outcome::cancelled;
  if (connection.job->silent && random.chance(300)) return;  // deaf as well
  if (!scene_.calm && random.chance(100)) return;            // goes on as if nothing had been said
  if (!scene_.calm && random.chance(100)) result.outcome = Outcome::unknown;
  end_later(connection, random.chance(900) ? random.span(0, 3'000) : random.span(5'000, 30'000),
            result);
}

void Services::interrupt(const AttemptRef& attempt) {
  const auto found = open_.find(attempt);
  if (found == open_.end() || scene_.random.chance(50)) return;
  engine::JobResult result;
  result.outcome = scene_.random.chance(700) ? Outcome::interrupted : Outcome::cancelled;
  end_later(found->second, scene_.random.span(0, 2'000), result);
}

engine::ServiceProbed Services::probed(const std::string& service) {
  const Mood mood = scene_.calm ? Mood::well : landscape_.find(service)->mood;
  Random& random = scene_.random;
  constexpr std::array bad{Outcome::not_sent, Outcome::transient, Outcome::deadline,
                           Outcome::auth,     Outcome::quota,     Outcome::rate_limited};
  const std::uint32_t failing = mood == Mood::gone     ? 1000
                                : mood == Mood::broken ? 700
                                : mood == Mood::moody  ? 200
                                                       : 0;
  if (scene_.may(scene_.options.troubles.failures) && random.chance(failing))
    return {service, random.pick(bad), "it is not", false};
  return {service, Outcome::ok, {}, random.chance(500)};
}

void Services::be_well() {
  for (auto& [attempt, connection] : open_) {
    RemoteJob& job = *connection.job;
    job.silent = false;
    if (job.result.outcome == Outcome::unknown) job.result.outcome = Outcome::transient;
    end_later(connection, scene_.random.span(1, 5'000), job.result);
  }
}

}  // namespace weft::simulation
