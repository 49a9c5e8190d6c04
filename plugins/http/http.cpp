// SPDX-License-Identifier: Apache-2.0
// The plugin `http`: services that are described in their configuration.
#include <algorithm>
#include <memory>
#include <string>
#include <weft/plugin.hpp>

#include "answer.hpp"
#include "beside.hpp"
#include "request.hpp"
#include "results.hpp"
#include "weft_manifest.h"

namespace http_plugin {
namespace {

class Http final : public weft::adapter<Http> {
 public:
  static constexpr std::string_view name = "http";
  static constexpr std::string_view operations = "[]";  // describe says those of the description

  explicit Http(const weft::context& context)
      : adapter(context), language_(host()), all_(read_description(context.config(), language_)) {}

  weft::task<json> describe(weft::call&) override {
    json list = json::array();
    bool polls = false, finds = false;
    for (const auto& [operation_name, operation] : all_.operations) {
      list.push_back(operation.described);
      polls = polls || operation.poll.has_value();
      finds = finds || (operation.poll && operation.poll->find);
    }
    const char* way = finds ? "key" : polls ? "token" : "none";
    co_return json{{"recover", way}, {"operations", list}};
  }

  weft::task<json> probe(weft::call& call) override {
    json known = json::object();
    if (!all_.health) co_return known;
    auto scope = language_.scope();
    scope.bind("config", all_.settings);
    auto request = build(all_, *all_.health, scope, nullptr);
    const auto answer = co_await call.http(std::move(request));
    see(scope, answer);
    if (const auto verdict = judge(all_, nullptr, scope, answer, false)) throw verdict->error;
    known["http_status"] = answer.status();  // so that it is the service that vouches for itself
    if (const auto models = scope.find(all_.models)) known["models"] = *models;
    co_return known;
  }

  weft::task<weft::estimate> estimate(weft::call&, const weft::request& task) {
    const Operation& operation = find(task.operation());
    auto scope = language_.scope();
    bind_task(scope, all_, operation, task, host().now_ms());
    co_return weft::estimate(reckon(scope, operation.cost.estimate, operation.cost.currency, false),
                             0);
  }

  weft::task<> run(weft::job& job) override {
    const Operation& operation = find(job.operation());
    auto scope = language_.scope();
    bind_task(scope, all_, operation, job.request(), host().now_ms());
    Results results(all_, language_, operation, job, scope);
    weft::http_response answer;
    bool is_done = false;
    if (job.attached()) {
      co_await find_again(job, operation, scope);
    } else {
      is_done = co_await order(job, operation, scope, answer);
    }
    if (!is_done) answer = co_await wait(job, operation, scope);
    if (operation.poll && operation.poll->result)
      answer = co_await results.ask(*operation.poll->result);
    spend(job, operation, scope);
    co_await results.hand_over(answer);
  }

  weft::task<> cancel(weft::job& job) override {
    const Operation& operation = find(job.operation());
    if (!operation.poll || !operation.poll->cancel)
      throw weft::error(WEFT_UNKNOWN, "the service cannot cancel");
    auto scope = language_.scope();
    bind_task(scope, all_, operation, job.request(), host().now_ms());
    scope.bind("job", json::parse(job.token()));
    auto request = build(all_, *operation.poll->cancel, scope, &job.request());
    const auto answer = co_await job.http(std::move(request));
    see(scope, answer);
    if (const auto verdict = judge(all_, &operation, scope, answer, false)) throw verdict->error;
  }

 private:
  const Operation& find(const std::string& operation) const {
    const auto found = all_.operations.find(operation);
    if (found != all_.operations.end()) return found->second;
    throw weft::error(WEFT_UNSUPPORTED, "the description has no operation " + operation);
  }

  // Buys. True: what was bought is in `answer`; else the job has a handle, to be asked for.
  weft::task<bool> order(weft::job& job, const Operation& operation, weft::expression_scope& scope,
                         weft::http_response& answer) {
    std::optional<weft::error> unsettled;
    try {
      answer = co_await buy(job, operation, scope);
    } catch (const weft::error& failure) {
      if (failure.status() != WEFT_UNKNOWN || !operation.poll || !operation.poll->find ||
          !job.token().empty())
        throw;
      unsettled = failure;
    }
    if (unsettled) {
      job.log(WEFT_LOG_WARN, "no answer settles the order; it is looked up",
              {{"reason", unsettled->what()}});
      co_await look_up(job, operation, scope);
      co_return false;
    }
    co_return !operation.poll ||
        (operation.poll->at_submit && state(job, operation, scope, answer) == "done");
  }

  // The purchase; for a job with polls its handle is durable afterwards.
  weft::task<weft::http_response> buy(weft::job& job, const Operation& operation,
                                      weft::expression_scope& scope) {
    auto request = build(all_, operation.submit, scope, &job.request());
    (void)std::move(request).buys().body_limit(operation.answer_limit_bytes);
    if (saves(operation) && !operation.poll)
      (void)std::move(request).save_as("*").body_limit(operation.file_limit_bytes);
    std::unique_ptr<Watch> watch;
    if (operation.beside) watch = std::make_unique<Watch>(all_, language_, operation, job);
    auto answer = co_await job.http(std::move(request));
    see(scope, answer);
    if (watch && watch->has_stopped()) {
      spend(job, operation, scope);
      throw weft::error(WEFT_CANCELLED, "the service was told to stop");
    }
    if (const auto verdict = judge(all_, &operation, scope, answer, true)) {
      charge(job, operation.cost, scope, *verdict);
      throw verdict->error;
    }
    if (operation.poll) co_await keep_handle(job, operation, scope);
    co_return answer;
  }

  weft::task<> keep_handle(weft::job& job, const Operation& operation,
                           weft::expression_scope& scope) {
    json handle = {{"submitted_ms", host().now_ms()}};
    for (const auto& [key, where] : operation.poll->handle) {
      const auto value = scope.find(where);
      if (!value)
        throw weft::error(WEFT_UNKNOWN, "the service accepted the request and its answer has no '" +
                                            key + "' to find it again");
      handle[key] = *value;
    }
    scope.bind("job", handle);
    std::string token = weft::dump_json(handle);
    co_await job.checkpoint(std::move(token));
  }

  // After a restart: by the token, else by the key.
  weft::task<> find_again(weft::job& job, const Operation& operation,
                          weft::expression_scope& scope) {
    if (!job.token().empty() && operation.poll) {
      scope.bind("job", json::parse(job.token()));
    } else if (operation.poll && operation.poll->find) {
      co_await look_up(job, operation, scope);
    } else {
      throw weft::error(WEFT_UNKNOWN, "nothing finds this request again at the service");
    }
  }

  // Finds the handle by the key. What the service does not know for as long as `lost_grace` was
  // never bought: what it took before a crash it may not show at once.
  weft::task<> look_up(weft::job& job, const Operation& operation, weft::expression_scope& scope) {
    const Poll& poll = *operation.poll;
    const std::int64_t since_ms = host().now_ms();
    for (;;) {
      auto request = build(all_, *poll.find, scope, &job.request());
      (void)std::move(request).body_limit(operation.answer_limit_bytes);
      std::string silence;
      try {
        const auto answer = co_await job.http(std::move(request));
        see(scope, answer);
        const auto verdict = judge(all_, &operation, scope, answer, false);
        if (!verdict && has_handle(poll, scope)) break;
        if (!verdict) silence = "its answer names no job";
        if (verdict && !is_missing(*verdict, answer)) silence = verdict->error.what();
      } catch (const weft::error& failure) {
        if (failure.status() == WEFT_CANCELLED) throw;
        silence = failure.what();
      }
      const std::int64_t waited_ms = host().now_ms() - since_ms;
      if (silence.empty() && waited_ms >= poll.lost_grace_ms) {
        job.cost(weft::cost::billed(0, operation.cost.currency));
        throw weft::error(WEFT_LOST, "the service does not know the request: it was not bought");
      }
      if (!silence.empty() && waited_ms > poll.patience_ms)
        throw weft::error(WEFT_UNKNOWN,
                          "the service has not said whether it has the request: " + silence);
      co_await job.sleep(poll.every_ms);
    }
    co_await keep_handle(job, operation, scope);
  }

  static bool has_handle(const Poll& poll, const weft::expression_scope& scope) {
    return std::ranges::all_of(
        poll.handle, [&](const auto& part) { return scope.find(part.second).has_value(); });
  }

  // Our word for the state that an answer says; throws when that is the end of the job.
  std::string state(weft::job& job, const Operation& operation, weft::expression_scope& scope,
                    const weft::http_response& answer) {
    const Poll& poll = *operation.poll;
    const auto said = scope.find(poll.state);
    const std::string theirs = !said               ? ""
                               : said->is_string() ? said->get<std::string>()
                                                   : said->dump();
    const auto found = poll.states.find(theirs);
    if (found == poll.states.end()) {
      job.log(WEFT_LOG_WARN, "the service says a state that its description does not know",
              {{"state", theirs}});
      return "running";
    }
    const std::string& ours = found->second;
    if (ours == "failed") spend(job, operation, scope);
    const weft_status ended = ours == "failed"      ? WEFT_TRANSIENT
                              : ours == "refused"   ? WEFT_REFUSED
                              : ours == "cancelled" ? WEFT_CANCELLED
                                                    : WEFT_OK;
    if (ended == WEFT_OK) return ours;
    json details = json::parse(answer.body(), nullptr, false);
    if (!details.is_object()) details = json::object();
    throw weft::error(ended, "the service says '" + theirs + "': " + words_of(all_, scope, answer))
        .with(std::move(details));
  }

  // Asks until the job is done there. A question that fails says nothing about the job.
  weft::task<weft::http_response> wait(weft::job& job, const Operation& operation,
                                       weft::expression_scope& scope) {
    const Poll& poll = *operation.poll;
    const json token = json::parse(job.token());
    const std::int64_t submitted_ms = token.value("submitted_ms", std::int64_t{0});
    double pause_ms = static_cast<double>(poll.every_ms);
    std::int64_t silent_since_ms = host().now_ms();
    std::uint32_t retry_after_ms = 0;
    for (bool first = job.attached();; first = false) {
      std::uint32_t hint_ms = 0;
      if (const auto hint = scope.find(poll.wait_ms); hint && hint->is_number())
        hint_ms = static_cast<std::uint32_t>(std::clamp(hint->get<double>(), 0.0, 600'000.0));
      if (!first) {
        const auto wanted_ms = std::max(static_cast<std::uint32_t>(pause_ms), hint_ms);
        co_await job.sleep(std::max(wanted_ms, retry_after_ms));
        pause_ms = std::min(pause_ms * poll.backoff, static_cast<double>(poll.max_every_ms));
      }
      weft::http_response answer;
      std::string silence;
      auto request = question(job, operation, scope);
      try {
        answer = co_await job.http(std::move(request));
      } catch (const weft::error& failure) {
        if (failure.status() == WEFT_CANCELLED) throw;
        silence = failure.what();
      }
      if (silence.empty()) {
        see(scope, answer);
        retry_after_ms = answer.retry_after_ms();
        const auto word = heard(job, operation, scope, answer, silence);
        if (word == "lost" && host().now_ms() - submitted_ms >= poll.lost_grace_ms)
          throw weft::error(WEFT_LOST, "the service does not know the job");
        if (word == "done") co_return answer;
        if (!word.empty()) {
          silent_since_ms = host().now_ms();
          const auto done = scope.find(poll.progress);
          job.progress(done && done->is_number() ? done->get<double>() : -1.0, word);
        }
      }
      if (!silence.empty() && host().now_ms() - silent_since_ms > poll.patience_ms)
        throw weft::error(WEFT_UNKNOWN, "the service has not said how the job is: " + silence);
    }
  }

  // A job that must not be asked for where the service said is bought all the same.
  weft::http_request question(const weft::job& job, const Operation& operation,
                              const weft::expression_scope& scope) const {
    try {
      auto request = build(all_, operation.poll->ask, scope, &job.request());
      (void)std::move(request).body_limit(operation.answer_limit_bytes);
      return request;
    } catch (const weft::error& wrong) {
      throw weft::error(WEFT_UNKNOWN, std::string("the job cannot be asked for: ") + wrong.what());
    }
  }

  // The state of an answer to a question; "" with the reason in `silence` when it has none.
  std::string heard(weft::job& job, const Operation& operation, weft::expression_scope& scope,
                    const weft::http_response& answer, std::string& silence) {
    const auto verdict = judge(all_, &operation, scope, answer, false);
    if (!verdict) return state(job, operation, scope, answer);
    if (verdict->error.status() == WEFT_LOST) return "lost";
    if (ends_job(*verdict, answer, says_state(*operation.poll, scope))) {
      charge(job, operation.cost, scope, *verdict);
      throw verdict->error;
    }
    if (is_missing(*verdict, answer)) return "lost";
    silence = verdict->error.what();
    return "";
  }

  static bool says_state(const Poll& poll, const weft::expression_scope& scope) {
    const auto said = scope.find(poll.state);
    return said && said->is_string() && poll.states.contains(said->get<std::string>());
  }

  // Whether a bad answer is about the job, and not about the question that was asked.
  static bool ends_job(const Verdict& verdict, const weft::http_response& answer, bool has_state) {
    const weft_status status = verdict.error.status();
    if (status == WEFT_REFUSED) return true;
    if (answer.status() / 100 != 2) return false;
    return has_state || (status != WEFT_RATE_LIMITED && status != WEFT_TRANSIENT &&
                         status != WEFT_AUTH && status != WEFT_QUOTA && status != WEFT_UNKNOWN);
  }

  // What the service says that it cost, else what the formula makes of the task.
  static void spend(weft::job& job, const Operation& operation,
                    const weft::expression_scope& scope) {
    const Cost& cost = operation.cost;
    auto spent = reckon(scope, cost.actual, cost.currency, true);
    if (spent.basis() == WEFT_COST_UNKNOWN)
      spent = reckon(scope, cost.estimate, cost.currency, false);
    if (spent.basis() != WEFT_COST_UNKNOWN) job.cost(spent);
  }

  weft::expressions language_;
  const Description all_;
};

}  // namespace
}  // namespace http_plugin

WEFT_PLUGIN(http_plugin::Http);
