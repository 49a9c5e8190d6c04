// SPDX-License-Identifier: Apache-2.0
// The plugin `comfyui`: workflows on a ComfyUI server. Polling is the truth about a job; its prompt
// id is the attempt's key, so that a restart finds it again.
#include <algorithm>
#include <set>
#include <string>
#include <weft/plugin.hpp>

#include "answers.hpp"
#include "binding.hpp"
#include "client.hpp"
#include "weft_manifest.h"
#include "workflow.hpp"

namespace comfyui {
namespace {

using nlohmann::json;

constexpr std::int64_t missing_proof_ms = 1000, idle_proof_ms = 30'000, cancel_limit_ms = 8000;
constexpr std::uint32_t history_poll_ms = 50, missing_poll_ms = 1000;
constexpr int history_polls = 100;
constexpr std::uint32_t probe_timeout_ms = 5000;

// Quick while a short job may end, slow for a long one.
std::uint32_t poll_ms(std::int64_t age_ms) {
  return age_ms < 2000 ? 250 : age_ms < 60'000 ? 1000 : 2000;
}

// The seed of an attempt to which nobody gave one.
std::uint64_t seed_of(std::string_view key) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash >> 16;
}

bool is_about_the_network(const weft::error& failure) {
  return failure.status() == WEFT_NOT_SENT || failure.status() == WEFT_TRANSIENT ||
         failure.status() == WEFT_BAD_OUTPUT;
}

class ComfyUi final : public weft::adapter<ComfyUi> {
 public:
  static constexpr std::string_view name = "comfyui";
  static constexpr std::string_view operations = "[]";  // describe finds them out

  explicit ComfyUi(const weft::context& context)
      : adapter(context),
        client_(context.config()),
        workflows_(read_workflows(context.config().at("workflows").get<std::string>())),
        shared_(context.config().value("shared", false)),
        patience_ms_(context.config().value("patience_seconds", std::int64_t{60}) * 1000),
        stuck_ms_(context.config().value("stuck_seconds", std::int64_t{1800}) * 1000) {}

  // The workflows whose node classes and models this server has.
  weft::task<json> describe(weft::call& call) override {
    json info = json::object();
    for (const Workflow& workflow : workflows_) {
      for (const std::string& wanted : classes_of(workflow.graph)) {
        if (info.contains(wanted)) continue;
        const json said = co_await client_.fetch(call, "/object_info/" + percent_encoded(wanted));
        if (said.is_object() && said.contains(wanted)) info[wanted] = said[wanted];
      }
    }
    json offered = json::array();
    std::set<std::string> served;
    for (Workflow& workflow : workflows_) {
      const auto missing = fit(workflow, info);
      for (const std::string& what : missing)
        call.log(WEFT_LOG_WARN, "workflow " + workflow.name + " needs " + what +
                                    ", which this server does not have");
      if (missing.empty() && served.insert(workflow.operation).second)
        offered.push_back(describe_one(workflow));
    }
    co_return json{{"recover", "key"}, {"operations", offered}};
  }

  // A worker that died leaves a healthy HTTP side behind: prompts wait and none runs.
  weft::task<json> probe(weft::call& call) override {
    auto request = client_.get("/system_stats").timeout(probe_timeout_ms);
    const auto answer = co_await call.http(std::move(request));
    const json stats = answer.json();
    const json queue = co_await client_.fetch(call, "/queue");
    const auto running = queue.value("queue_running", json::array()).size();
    const auto pending = queue.value("queue_pending", json::array()).size();
    std::int64_t free_bytes = 0;
    for (const json& device : stats.value("devices", json::array()))
      free_bytes = std::max(free_bytes, device.value("vram_free", std::int64_t{0}));
    host().observe("queue_depth", static_cast<double>(running + pending));
    host().observe("vram_free_bytes", static_cast<double>(free_bytes));
    if (running > 0 || pending == 0) idle_since_ms_ = 0;
    if (running == 0 && pending > 0 && idle_since_ms_ == 0) idle_since_ms_ = host().now_ms();
    if (idle_since_ms_ != 0 && host().now_ms() - idle_since_ms_ > idle_proof_ms)
      throw weft::error(WEFT_TRANSIENT,
                        "prompts wait and none runs: its worker has died, and only "
                        "a restart of ComfyUI helps");
    co_return json{{"queue", running + pending}, {"free_vram_bytes", free_bytes}};
  }

  weft::task<> run(weft::job& job) override {
    const Workflow& workflow = workflow_for(job);
    if (!job.attached()) {
      co_await order(job, workflow);
    } else if (job.token().empty()) {
      const weft::error reason(WEFT_UNKNOWN, "the runtime died while it was sent");
      co_await look_up(job, reason);
      auto token = job.key();
      co_await job.checkpoint(std::move(token));
    }
    const json entry = co_await follow(job);
    if (const auto failure = failure_of(entry)) throw *failure;
    co_await hand_over(job, workflow, entry);
  }

  // A cancel is a wish that the server grants at its next step: asked again until the prompt is
  // gone.
  weft::task<> cancel(weft::job& job) override {
    const std::int64_t begun = host().now_ms();
    std::int64_t asked = begun - 2000;
    for (;; co_await job.sleep(250)) {
      if (host().now_ms() - asked >= 2000) {
        asked = host().now_ms();
        co_await client_.stop(job, job.token(), shared_);
      }
      const Where where = co_await client_.find(job, job.token());
      if (where == Where::ended || where == Where::nowhere) co_return;
      if (host().now_ms() - begun > cancel_limit_ms)
        throw weft::error(WEFT_UNKNOWN, "the node that runs has not stopped");
    }
  }

 private:
  // What a poll loop knows.
  struct Watch {
    std::int64_t begun = 0, silent_since = 0, missing_since = 0, idle_since = 0, running_since = 0;
  };

  static json describe_one(const Workflow& workflow) {
    json said = {{"name", workflow.operation}};
    if (!workflow.params.is_null()) said["params"] = workflow.params;
    return said;
  }

  const Workflow& workflow_for(const weft::job& job) const {
    for (const Workflow& workflow : workflows_)
      if (workflow.operation == job.operation()) return workflow;
    throw weft::error(WEFT_UNSUPPORTED, "no workflow does " + job.operation());
  }

  weft::task<json> prompt_of(weft::job& job, const Workflow& workflow) {
    json variables = {
        {"params", job.params()}, {"inputs", json::object()}, {"attempt", {{"key", job.key()}}}};
    variables["attempt"]["seed"] = job.params().value("seed", seed_of(job.key()));
    for (const auto& [place, text] : workflow.bind) {
      const std::string input = referred_input(text);
      if (input.empty() || variables["inputs"].contains(input)) continue;
      variables["inputs"][input] = co_await client_.upload(job, job.input(input));
    }
    json graph = workflow.graph;
    for (const auto& [place, text] : workflow.bind) {
      const json value = bound_value(text, variables);
      if (!value.is_null()) bound_place(graph, place) = value;
    }
    separate_files(graph, job.key());
    co_return graph;
  }

  // The purchase. The server takes one id twice and runs it twice, so what was not answered is
  // looked up and never sent again.
  weft::task<> order(weft::job& job, const Workflow& workflow) {
    json request = {{"prompt_id", job.key()}, {"client_id", job.key()}};
    request["prompt"] = co_await prompt_of(job, workflow);
    request["extra_data"] = {
        {"weft", {{"run", job.request().run()}, {"task", job.request().label()}}}};
    std::optional<weft::error> unsettled;
    try {
      const auto answer = co_await client_.submit(job, std::move(request));
      if (answer.status() >= 500) {
        unsettled = refusal(answer.status(), json());
      } else {
        if (answer.status() != 200) client_.forget_uploads();
        co_await settle(job, answer);
      }
    } catch (const weft::error& failure) {
      if (failure.status() != WEFT_UNKNOWN) throw;
      unsettled = failure;
    }
    if (unsettled) co_await look_up(job, *unsettled);
    auto token = job.key();
    co_await job.checkpoint(std::move(token));
  }

  // Throws unless the prompt was accepted whole and under the id that was asked for.
  weft::task<> settle(weft::job& job, const weft::http_response& answer) {
    const json said = json::parse(answer.body(), nullptr, false);
    if (answer.status() != 200) throw refusal(answer.status(), said);
    if (!said.is_object())
      throw weft::error(WEFT_UNKNOWN, "the answer to the prompt is not ComfyUI's");
    const auto id = said.value("prompt_id", "");
    const json node_errors = said.value("node_errors", json::object());
    if (id == job.key() && node_errors.empty()) co_return;
    co_await client_.stop(job, id, shared_);
    if (id != job.key())
      throw weft::error(WEFT_UNSUPPORTED,
                        "this ComfyUI does not take prompt ids; update to 0.3.45");
    throw refusal(200, said);
  }

  // In neither queue nor history, twice and a while apart: it was not accepted, so nothing is left
  // to pay.
  weft::task<> look_up(weft::job& job, const weft::error& reason) {
    for (int looks = 0; looks < 2; ++looks) {
      if (looks > 0) co_await job.sleep(missing_proof_ms);
      const Where where = co_await where_is(job);
      if (where != Where::nowhere) co_return;
    }
    spent_nothing(job);
    throw weft::error(WEFT_LOST,
                      std::string("the server does not have the prompt; before: ") + reason.what());
  }

  // A look-up that fails settles nothing.
  weft::task<Where> where_is(weft::job& job) {
    try {
      co_return co_await client_.find(job, job.key());
    } catch (const weft::error& failure) {
      if (failure.status() == WEFT_CANCELLED) throw;
      throw weft::error(WEFT_UNKNOWN,
                        std::string("the prompt cannot be looked up: ") + failure.what());
    }
  }

  static void spent_nothing(weft::job& job) {
    const auto& currency = job.request().currency();
    job.cost(weft::cost::billed(0, currency.empty() ? "USD" : currency));
  }

  // Polls until the prompt is in the history.
  weft::task<json> follow(weft::job& job) {
    Watch watch;
    watch.begun = host().now_ms();
    for (;;) {
      std::optional<Where> where;
      std::string trouble;
      try {
        where = co_await client_.find(job, job.key());
      } catch (const weft::error& failure) {
        if (!is_about_the_network(failure)) throw;
        trouble = failure.what();
      }
      if (where == Where::ended) {
        json entry = co_await entry_of(job);
        if (!entry.is_null()) co_return entry;
        where = Where::nowhere;
      }
      if (where == Where::pending) co_await look_at_queue(job, watch);
      judge(job, where, trouble, watch);
      if (watch.running_since != 0 && host().now_ms() - watch.running_since > stuck_ms_)
        co_await give_up(job);
      co_await job.sleep(where == Where::nowhere ? missing_poll_ms
                                                 : poll_ms(host().now_ms() - watch.begun));
    }
  }

  // The server may tell the end a moment before it writes it down.
  weft::task<json> entry_of(weft::job& job) {
    for (int polls = 0; polls < history_polls; ++polls) {
      if (polls > 0) co_await job.sleep(history_poll_ms);
      json entry = co_await client_.history(job, job.key());
      if (!entry.is_null()) co_return entry;
    }
    co_return json();
  }

  void judge(weft::job& job, std::optional<Where> where, const std::string& trouble, Watch& watch) {
    const std::int64_t now = host().now_ms();
    const auto since = [&](std::int64_t& begun, bool holds) {
      if (!holds) begun = 0;
      if (holds && begun == 0) begun = now;
      return holds ? now - begun : 0;
    };
    if (since(watch.silent_since, !where) > patience_ms_)
      throw weft::error(WEFT_UNKNOWN, "the server has not answered about the prompt: " + trouble);
    if (!where) return;
    if (since(watch.missing_since, where == Where::nowhere) >= missing_proof_ms) {
      spent_nothing(job);
      host().changed(WEFT_CHANGED_HEALTH);
      throw weft::error(WEFT_LOST,
                        "the server has the prompt no more: it was restarted, or "
                        "somebody emptied its queue or history");
    }
    since(watch.running_since, where == Where::running);
    if (where == Where::running) job.progress(-1, "running");
  }

  weft::task<> look_at_queue(weft::job& job, Watch& watch) {
    const json queue = co_await client_.fetch(job, "/queue");
    const auto position = position_in(queue, job.key());
    if (position != 0) job.progress(0, "queued, " + std::to_string(position) + " in line");
    const bool is_idle = position != 0 && queue.value("queue_running", json::array()).empty();
    if (!is_idle) watch.idle_since = 0;
    if (is_idle && watch.idle_since == 0) watch.idle_since = host().now_ms();
    if (!is_idle || host().now_ms() - watch.idle_since <= idle_proof_ms) co_return;
    co_await client_.stop(job, job.key(), shared_);
    spent_nothing(job);
    host().changed(WEFT_CHANGED_HEALTH);
    throw weft::error(WEFT_TRANSIENT,
                      "the prompt waited while nothing ran: the server's worker has "
                      "died; restart ComfyUI");
  }

  weft::task<> give_up(weft::job& job) {
    co_await client_.stop(job, job.key(), shared_);
    host().changed(WEFT_CHANGED_HEALTH);
    throw weft::error(WEFT_UNKNOWN, "the prompt ran for " + std::to_string(stuck_ms_ / 1000) +
                                        " s (config.stuck_seconds) and was asked to stop");
  }

  weft::task<> hand_over(weft::job& job, const Workflow& workflow, const json& entry) {
    json plain = json::object();
    for (const BoundOutput& bound : workflow.outputs) {
      const NodeOutput found = output_of(entry, bound);
      if (found.files.empty() && found.texts.empty())
        throw weft::error(WEFT_BAD_OUTPUT, "node " + bound.node + " made nothing for the output '" +
                                               bound.name + "'");
      for (const OutputFile& file : found.files) {
        const weft::artifact content = co_await fetch_file(job, file);
        job.output(bound.name, content, {{"file", file.name}});
      }
      if (found.files.empty()) plain[bound.name] = found.texts.front();
    }
    if (!plain.empty()) job.result(std::move(plain));
  }

  // A file that is gone would be named again by the server's cache: the cache is emptied, so that
  // the next attempt makes it anew.
  weft::task<weft::artifact> fetch_file(weft::job& job, OutputFile file) {
    std::optional<weft::error> gone;
    try {
      co_return co_await client_.download(job, std::move(file));
    } catch (const weft::error& failure) {
      if (failure.status() != WEFT_BAD_OUTPUT) throw;
      gone = failure;
    }
    const json order = {{"free_memory", true}};
    auto request = client_.post("/free").json(order).any_status();
    co_await job.http(std::move(request));
    throw *gone;
  }

  Client client_;
  std::vector<Workflow> workflows_;
  bool shared_;
  std::int64_t patience_ms_, stuck_ms_;
  std::int64_t idle_since_ms_ = 0;  // prompts wait and none runs, as probes saw it
};

}  // namespace
}  // namespace comfyui

WEFT_PLUGIN(comfyui::ComfyUi);
