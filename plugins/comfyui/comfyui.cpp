// SPDX-License-Identifier: Apache-2.0
// The plugin `comfyui`: workflows on a ComfyUI server. Polling is the truth about a job; its prompt
// id is the attempt's key, so that a restart finds it again.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>
#include <weft/plugin.hpp>

#include "answers.hpp"
#include "binding.hpp"
#include "client.hpp"
#include "follow.hpp"
#include "live.hpp"
#include "weft_manifest.h"
#include "workflow.hpp"

namespace comfyui {
namespace {

using nlohmann::json;

constexpr std::int64_t cancel_limit_ms = 8000;
constexpr std::uint32_t probe_timeout_ms = 5000, refused_pause_ms = 1000;
constexpr int refusals_to_be_down = 3;

// The seed of an attempt to which nobody gave one.
std::uint64_t seed_of(std::string_view key) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : key) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash >> 16;
}

// A token is the prompt's id, for people, and the client that ordered it.
constexpr char client_mark = '@';

std::string client_of(const std::string& token) {
  const auto mark = token.find(client_mark);
  return mark == std::string::npos ? "" : token.substr(mark + 1);
}

// A workflow, how it is filled in, and whether this server can run it.
struct Offered {
  Workflow workflow;
  Binding binding;
  bool fits = true;
};

class ComfyUi final : public weft::adapter<ComfyUi> {
 public:
  static constexpr std::string_view name = "comfyui";
  static constexpr std::string_view operations = "[]";  // describe finds them out

  explicit ComfyUi(const weft::context& context)
      : adapter(context),
        client_(context.config()),
        language_(host()),
        live_(host(), context.config(),
              [this](const weft::websocket_request& wanted, weft::websocket_sink sink) {
                return open(wanted, std::move(sink));
              }),
        account_secret_(context.config().value("account_secret", "")) {
    settings_.shared = context.config().value("shared", false);
    settings_.patience_ms = context.config().value("patience_seconds", std::int64_t{60}) * 1000;
    settings_.stuck_ms = context.config().value("stuck_seconds", std::int64_t{1800}) * 1000;
    for (Workflow& read : read_workflows(context.config().at("workflows").get<std::string>())) {
      Binding binding(read, language_);
      workflows_.push_back({std::move(read), std::move(binding), true});
    }
  }

  // The workflows whose node classes and models this server has.
  weft::task<json> describe(weft::call& call) override {
    json info = json::object();
    for (const Offered& one : workflows_) {
      for (const std::string& wanted : classes_of(one.workflow.graph)) {
        if (info.contains(wanted)) continue;
        const json said = co_await client_.fetch(call, "/object_info/" + percent_encoded(wanted));
        if (said.is_object() && said.contains(wanted)) info[wanted] = said[wanted];
      }
    }
    std::map<std::string, std::vector<const Workflow*>> served;
    for (Offered& one : workflows_) {
      const auto missing = fit(one.workflow, info);
      one.fits = missing.empty();
      for (const std::string& what : missing)
        call.log(WEFT_LOG_WARN, "workflow " + one.workflow.name + " needs " + what +
                                    ", which this server does not have");
      if (one.fits) served[one.workflow.operation].push_back(&one.workflow);
    }
    json offered = json::array();
    for (const auto& [operation, workflows] : served)
      offered.push_back(describe_operation(workflows));
    co_return json{{"recover", "key"}, {"operations", offered}};
  }

  // A worker that died leaves a healthy HTTP side behind: prompts wait and none runs.
  weft::task<json> probe(weft::call& call) override {
    const std::optional<json> stats = co_await ask_stats(call);
    if (!stats) co_return json::object();
    const json queue = co_await client_.fetch(call, "/queue");
    const auto running = queue.value("queue_running", json::array()).size();
    const auto pending = queue.value("queue_pending", json::array()).size();
    std::int64_t free_bytes = 0;
    for (const json& device : stats->value("devices", json::array()))
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
    auto scope = language_.scope();
    const Offered& chosen = choose(job, scope);
    std::string client = job.attached() ? client_of(job.token()) : live_.client_id();
    const bool by_key = job.attached() && job.token().empty();
    if (by_key) client = co_await client_.client_of(job, job.key());
    Listener listener(chosen.workflow.graph, client);
    Follower follower(job, client_, live_, listener, settings_);
    if (!job.attached()) {
      co_await order(job, chosen, scope, follower);
    } else if (by_key) {
      const weft::error reason(WEFT_UNKNOWN, "the runtime died while it was sent");
      auto token = job.key() + (client.empty() ? "" : client_mark + client);
      co_await job.checkpoint(std::move(token));
      co_await follower.look_up(reason);
    }
    const json entry = co_await follower.entry();
    if (const auto failure = failure_of(entry)) throw *failure;
    co_await hand_over(job, ordered(entry, chosen.workflow), entry);
  }

  // A cancel is a wish that the server grants at its next step: asked again until the prompt is
  // gone.
  weft::task<> cancel(weft::job& job) override {
    const std::int64_t begun = host().now_ms();
    std::int64_t asked = begun - 2000;
    for (;; co_await job.sleep(250)) {
      if (host().now_ms() - asked >= 2000) {
        asked = host().now_ms();
        co_await client_.stop(job, job.key(), settings_.shared);
      }
      const Where where = co_await client_.find(job, job.key());
      if (where == Where::ended || where == Where::nowhere) co_return;
      if (host().now_ms() - begun > cancel_limit_ms)
        throw weft::error(WEFT_UNKNOWN, "the node that runs has not stopped");
    }
  }

 private:
  using References = std::map<std::string, std::string>;  // what a Load node is given, by input

  // Nothing: it is busy, and too busy to answer. Refused connections, several in a row: it is gone.
  weft::task<std::optional<json>> ask_stats(weft::call& call) {
    for (int refusals = 1;; ++refusals) {
      std::uint32_t http_status = 0;
      try {
        auto request = client_.get("/system_stats").timeout(probe_timeout_ms).any_status();
        const auto answer = co_await call.http(std::move(request));
        if (answer.status() == 200) co_return answer.json();
        http_status = answer.status();
      } catch (const weft::error& failure) {
        if (failure.status() == WEFT_TRANSIENT) co_return std::nullopt;
        if (failure.status() != WEFT_NOT_SENT || refusals == refusals_to_be_down) throw;
      }
      if (http_status != 0) throw unexpected(http_status, "/system_stats");
      co_await call.sleep(refused_pause_ms);
    }
  }

  // What the expressions of a binding see; an input that was given and is not uploaded yet is "".
  static void bind(weft::expression_scope& scope, const weft::job& job, const Binding& binding,
                   const References& uploaded) {
    json attempt = json::object(), inputs = json::object();
    attempt["key"] = job.key();
    attempt["seed"] = job.params().value("seed", seed_of(job.key()));
    for (const std::string& name : binding.inputs()) {
      const auto found = uploaded.find(name);
      if (found != uploaded.end()) {
        inputs[name] = found->second;
      } else {
        inputs[name] = job.request().find_input(name) ? json("") : json();
      }
    }
    scope.bind("attempt", attempt);
    scope.bind("params", binding.params_of(job.params()));
    scope.bind("inputs", inputs);
  }

  // Why a workflow is not for a job; "": it is.
  static std::string reason_against(const Offered& one, const weft::job& job,
                                    weft::expression_scope& scope) {
    if (!one.fits && !job.attached()) return "the server cannot run it";
    for (const std::string& name : job.request().input_names())
      if (!one.binding.inputs().contains(name)) return "it takes no input '" + name + "'";
    for (const auto& [name, value] : job.params().items())
      if (!takes_param(one.workflow, name)) return "it takes no param '" + name + "'";
    bind(scope, job, one.binding, {});
    return one.binding.applies(scope) ? "" : "it is for " + one.workflow.when;
  }

  // The first of the operation's that is for the job. What was ordered before a restart is followed
  // in any case: its entry tells which one it was.
  const Offered& choose(const weft::job& job, weft::expression_scope& scope) const {
    std::string reasons;
    const Offered* any = nullptr;
    for (const Offered& one : workflows_) {
      if (one.workflow.operation != job.operation()) continue;
      any = any ? any : &one;
      const std::string against = reason_against(one, job, scope);
      if (against.empty()) return one;
      reasons += "; " + one.workflow.name + ": " + against;
    }
    if (any && job.attached()) return *any;
    throw weft::error(WEFT_UNSUPPORTED, "no workflow does this " + job.operation() + reasons);
  }

  // The one of whose nodes an entry tells: after a restart another one may be the first.
  const Workflow& ordered(const json& entry, const Workflow& chosen) const {
    const json prompt = entry.value("prompt", json::array());
    if (!prompt.is_array() || prompt.size() < 4 || !prompt[3].is_object()) return chosen;
    const json said = prompt[3].value("weft", json::object());
    for (const Offered& one : workflows_)
      if (said.is_object() && one.workflow.name == said.value("workflow", "")) return one.workflow;
    return chosen;
  }

  weft::task<json> prompt_of(weft::job& job, const Offered& chosen, weft::expression_scope& scope) {
    References uploaded;
    for (const std::string& input : chosen.binding.inputs())
      if (const auto* given = job.request().find_input(input))
        uploaded[input] = co_await client_.upload(job, *given);
    bind(scope, job, chosen.binding, uploaded);
    json graph = chosen.workflow.graph;
    chosen.binding.fill(graph, scope);
    separate_files(graph, job.key());
    co_return graph;
  }

  // What the server hands back with the prompt; the key of an account is taken out by it.
  json extra_data(const weft::job& job, const Workflow& workflow) const {
    json extra = json::object();
    extra["weft"] = {
        {"run", job.request().run()}, {"task", job.request().label()}, {"workflow", workflow.name}};
    if (!account_secret_.empty()) extra["api_key_comfy_org"] = host().secret(account_secret_);
    return extra;
  }

  // The purchase. The server takes one id twice and runs it twice, so what was not answered is
  // looked up and never sent again.
  weft::task<> order(weft::job& job, const Offered& chosen, weft::expression_scope& scope,
                     Follower& follower) {
    live_.keep_open(live_.client_id());  // what is told before it is open is lost
    json request = {{"prompt_id", job.key()}, {"client_id", live_.client_id()}};
    request["prompt"] = co_await prompt_of(job, chosen, scope);
    request["extra_data"] = extra_data(job, chosen.workflow);
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
    // Before it is looked up: a cancel in between has to stop what may have been accepted.
    auto token = job.key() + client_mark + live_.client_id();
    co_await job.checkpoint(std::move(token));
    if (unsettled) co_await follower.look_up(*unsettled);
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
    co_await client_.stop(job, id, settings_.shared);
    if (id != job.key())
      throw weft::error(WEFT_UNSUPPORTED,
                        "this ComfyUI does not take prompt ids; update to 0.3.45");
    throw refusal(200, said);
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
      co_return co_await client_.download(job, std::move(file), settings_.patience_ms);
    } catch (const weft::error& failure) {
      if (failure.status() != WEFT_BAD_OUTPUT) throw;
      gone = failure;
    }
    try {
      const json order = {{"free_memory", true}};
      auto request = client_.post("/free").json(order).any_status();
      co_await job.http(std::move(request));
    } catch (const weft::error& failure) {
      if (failure.status() == WEFT_CANCELLED) throw;
      job.log(WEFT_LOG_WARN, std::string("the cache was not emptied: ") + failure.what());
    }
    throw *gone;
  }

  Client client_;
  weft::expressions language_;
  std::vector<Offered> workflows_;
  Settings settings_;
  Live live_;
  std::string account_secret_;
  std::int64_t idle_since_ms_ = 0;  // prompts wait and none runs, as probes saw it
};

}  // namespace
}  // namespace comfyui

WEFT_PLUGIN(comfyui::ComfyUi);
