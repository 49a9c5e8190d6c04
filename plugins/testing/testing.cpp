// SPDX-License-Identifier: Apache-2.0
// The plugin `testing`: a service that does what it is told, on timers of the host or, with
// config.url, as jobs of the job server in tests/services/jobs.
#include <coroutine>
#include <string>
#include <weft/plugin.hpp>

#include "behaviour.hpp"
#include "samples.hpp"
#include "weft_manifest.h"

namespace testing_plugin {
namespace {

using nlohmann::json;

// Polls that may fail in a row before nobody can tell what became of a job.
constexpr int patience_polls = 20;

// What describe says about an operation: a name means the canonical one, an object speaks for
// itself.
json described(const json& operation) {
  json said = operation.is_string() ? json{{"name", operation}} : operation;
  if (said["name"] == "test.echo" && !said.contains("params")) {
    said["params"] = {
        {"type", "object"},
        {"properties", {{"text", {{"type", "string"}}}, {"behaviour", behaviour_schema()}}}};
    said["inputs"] = json::object();
    said["outputs"] = {{"text", json::object()}};
  }
  if (!said.contains("options")) said["options"] = behaviour_schema();
  return said;
}

// The numbers of a video that an operation makes, from its params.
std::string video_for(const json& params) {
  return sample_video(params.value("width", 64), params.value("height", 36),
                      params.value("fps", 12.0), params.value("seconds", 0.5));
}

void put_output(weft::job& job, const std::string& name, const json& value, json& plain) {
  if (value.is_object() && value.contains("base64")) {
    job.output_base64(name, value["base64"].get<std::string>(),
                      value.value("media_type", "application/octet-stream"));
  } else if (value.is_object() && value.contains("text")) {
    job.output(name, value["text"].get<std::string>(), value.value("media_type", "text/plain"));
  } else {
    plain[name] = value;
  }
}

// Something valid for each operation: the input where there is one of the kind, else a sample.
void hand_over_default(weft::job& job) {
  const std::string& operation = job.operation();
  const json& params = job.params();
  const std::uint64_t seed = seed_of(params.value("prompt", job.key()));
  if (operation.starts_with("image.") && operation != "image.judge") {
    job.output("image", sample_png(params.value("width", 64), params.value("height", 36), seed),
               "image/png");
  } else if (operation == "image.judge") {
    job.result({{"score", 0.5}, {"passed", true}, {"reason", "testing judges nothing"}});
  } else if (const auto* video = job.request().find_input("video")) {
    job.output("video", *video);
  } else if (const auto* clip = job.request().find_input("clips")) {
    job.output("video", *clip);
  } else if (operation.starts_with("video.")) {
    job.output("video", video_for(params), "video/x-yuv4mpeg");
  } else if (operation == "text.analyze") {
    job.result({{"result", json::object()}});
  } else {
    job.result({{"text", params.value("text", params.value("prompt", ""))}});
  }
}

void hand_over(weft::job& job, const std::optional<json>& result) {
  if (!result || result->empty()) return hand_over_default(job);
  if (!result->contains("outputs")) return job.result(*result);
  json plain = json::object();
  for (const auto& [name, value] : result->at("outputs").items())
    put_output(job, name, value, plain);
  job.result(plain);
}

class Testing final : public weft::adapter<Testing> {
 public:
  static constexpr std::string_view name = "testing";
  // By default; config.operations says others.
  static constexpr std::string_view operations = R"([
    "image.generate", "image.edit", "image.upscale", "image.judge",
    "video.generate", "video.from_image", "video.upscale", "video.interpolate", "video.concat",
    "text.generate", "text.analyze", "test.echo"])";

  explicit Testing(const weft::context& context)
      : adapter(context),
        url_(context.config().value("url", "")),
        poll_ms_(context.config().value("poll_ms", std::uint32_t{50})),
        recover_(context.config().value("recover", "key")),
        currency_(context.config().value("currency", "USD")),
        operations_said_(context.config().value("operations", json::parse(operations))),
        behaviour_(context.config().value("behaviour", json::object())) {
    while (url_.ends_with('/')) url_.pop_back();
  }

  weft::task<json> describe(weft::call&) override {
    json list = json::array();
    for (const json& operation : operations_said_) list.push_back(described(operation));
    co_return json{{"recover", recover_}, {"operations", list}};
  }

  weft::task<json> probe(weft::call& call) override {
    if (!url_.empty()) {
      auto request = weft::get(url_ + "/jobs?key=probe");
      co_await call.http(std::move(request));
    }
    co_return json::object();
  }

  weft::task<> run(weft::job& job) override {
    json of_task = job.params().value("behaviour", json::object());
    of_task.update(job.options());
    const Behaviour behaviour = read_behaviour(of_task, behaviour_);
    if (behaviour.defect == Defect::throws) throw std::runtime_error(behaviour.message);
    if (behaviour.defect == Defect::never_ends) co_await std::suspend_always{};
    if (url_.empty()) {
      co_await run_here(job, behaviour);
    } else {
      co_await run_there(job, behaviour);
    }
    if (behaviour.defect == Defect::ends_twice) end_wrongly(job, WEFT_OK);
    if (behaviour.defect == Defect::fails_after_end) {
      end_wrongly(job, WEFT_OK);
      throw weft::error(WEFT_TRANSIENT, behaviour.message);
    }
  }

  weft::task<> cancel(weft::job& job) override {
    if (url_.empty()) co_return;
    try {
      auto request = weft::post(url_ + "/jobs/" + job.token() + "/cancel");
      co_await job.http(std::move(request));
    } catch (const weft::error& failure) {
      throw weft::error(WEFT_UNKNOWN,
                        std::string("the cancel was not confirmed: ") + failure.what());
    }
  }

 private:
  // An end of one's own, before the one that the base class is about to say: law 4 broken on
  // purpose.
  void end_wrongly(const weft::job& job, weft_status status) const {
    weft_result result{};
    result.size = sizeof result;
    result.status = status;
    host().job_table()->end(host().raw(), job.id(), &result);
  }

  weft::task<> run_here(weft::job& job, const Behaviour& behaviour) {
    int step = 0;
    if (job.attached()) {
      if (job.token().empty())
        throw weft::error(WEFT_LOST, "a job on timers dies with its process");
      step = std::stoi(job.token());
    }
    const auto steps = static_cast<std::uint32_t>(behaviour.polls);
    for (; step < behaviour.polls; ++step) {
      co_await job.sleep(behaviour.delay_ms / steps);
      job.progress(static_cast<double>(step + 1) / behaviour.polls, "testing");
      if (behaviour.checkpoint) {
        std::string token = std::to_string(step + 1);
        co_await job.checkpoint(std::move(token));
      }
    }
    while (behaviour.hang) co_await job.sleep(3'600'000);
    spend(job, behaviour.cost_micros);
    if (behaviour.fails_at(job.request().attempt())) {
      throw weft::error(*behaviour.fail, behaviour.message, behaviour.retry_after_ms);
    }
    hand_over(job, behaviour.result);
  }

  weft::task<> run_there(weft::job& job, const Behaviour& behaviour) {
    if (!job.attached()) {
      co_await order(job, behaviour);
    } else if (job.token().empty()) {
      co_await look_up(job);
    }
    const json ended = co_await wait(job);
    if (ended.value("cost_micros", json()).is_number_integer()) {
      spend(job, ended["cost_micros"].get<std::int64_t>());
    }
    if (ended["state"] != "succeeded") throw failure_of(ended);
    const json result = ended.value("result", json());
    hand_over(job, result.is_object() ? std::optional(result) : std::nullopt);
  }

  static weft::error failure_of(const json& ended) {
    if (ended["state"] == "cancelled")
      return {WEFT_CANCELLED, "the job was cancelled at the server"};
    json said = ended.value("error", json());
    if (!said.is_object()) said = json::object();
    const auto status = status_of_word(said.value("class", "")).value_or(WEFT_BAD_OUTPUT);
    const std::string message =
        said.value("message", "the job failed and the server does not say why");
    return weft::error(status, message, ended.value("retry_after_ms", 0U)).with(std::move(said));
  }

  // The purchase. A restart between its answer and the checkpoint finds the job by its key.
  weft::task<> order(weft::job& job, const Behaviour& behaviour) {
    const json body = {
        {"key", job.key()}, {"operation", job.operation()}, {"behaviour", behaviour.remote}};
    auto request = weft::post(url_ + "/jobs").json(body).buys();
    std::optional<weft::error> refused;
    std::string token;
    try {
      const auto answer = co_await job.http(std::move(request));
      token = answer.json().value("id", "");
    } catch (const weft::error& failure) {
      if (failure.status() != WEFT_TRANSIENT || recover_ != "key") throw;
      refused = failure;
    }
    if (refused) {
      co_await look_up_after(job, *refused);
    } else if (token.empty()) {
      throw weft::error(WEFT_UNKNOWN, "the server accepted the job and named no id");
    } else {
      co_await job.checkpoint(std::move(token));
    }
  }

  // A server that stumbled over an order may have accepted it all the same: only the key can tell.
  weft::task<> look_up_after(weft::job& job, const weft::error& refused) {
    try {
      co_await look_up(job);
    } catch (const weft::error& failure) {
      if (failure.status() == WEFT_LOST) throw refused;
      throw;
    }
  }

  weft::task<> look_up(weft::job& job) {
    json jobs;
    try {
      auto request = weft::get(url_ + "/jobs?key=" + job.key());
      const auto answer = co_await job.http(std::move(request));
      jobs = answer.json().at("jobs");
    } catch (const weft::error& failure) {
      if (failure.status() == WEFT_CANCELLED) throw;
      throw weft::error(WEFT_UNKNOWN,
                        std::string("the job cannot be looked up: ") + failure.what());
    }
    if (jobs.empty()) {
      spend(job, 0);  // what never arrived was not bought
      throw weft::error(WEFT_LOST, "the server has no job of this key");
    }
    auto token = jobs.front().at("id").get<std::string>();
    co_await job.checkpoint(std::move(token));
  }

  // Polls until the job has ended there. A poll that fails says nothing about the job itself.
  weft::task<json> wait(weft::job& job) {
    for (int failures = 0;; co_await job.sleep(poll_ms_)) {
      json state;
      try {
        auto request = weft::get(url_ + "/jobs/" + job.token()).any_status();
        const auto answer = co_await job.http(std::move(request));
        if (answer.status() == 404)
          throw weft::error(WEFT_LOST, "the server does not know job " + job.token());
        if (answer.status() == 200) {
          state = answer.json();
          state["retry_after_ms"] = answer.retry_after_ms();
        }
      } catch (const weft::error& failure) {
        if (failure.status() != WEFT_NOT_SENT && failure.status() != WEFT_TRANSIENT) throw;
      }
      if (state.is_null()) {
        if (++failures == patience_polls) {
          throw weft::error(WEFT_UNKNOWN, "the server has not answered about job " + job.token());
        }
        continue;
      }
      failures = 0;
      if (state.value("state", "running") != "running") co_return state;
      job.progress(state.value("progress", -1000.0) / 1000, "running there");
    }
  }

  void spend(weft::job& job, std::optional<std::int64_t> cost_micros) const {
    if (cost_micros) job.cost(weft::cost::billed(*cost_micros, currency_));
  }

  std::string url_;
  std::uint32_t poll_ms_;
  std::string recover_, currency_;
  json operations_said_, behaviour_;
};

}  // namespace
}  // namespace testing_plugin

WEFT_PLUGIN(testing_plugin::Testing);
