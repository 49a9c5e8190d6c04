// SPDX-License-Identifier: Apache-2.0
// The plugin `http`: services that are described in their configuration.
#include <algorithm>
#include <string>
#include <weft/plugin.hpp>

#include "answer.hpp"
#include "request.hpp"
#include "weft_manifest.h"

namespace http_plugin {
namespace {

// How often a result that is paid for is asked for again when its download fails.
constexpr int download_attempts = 5;
constexpr std::uint32_t download_pause_ms = 2000;

class Http final : public weft::adapter<Http> {
 public:
  static constexpr std::string_view name = "http";
  static constexpr std::string_view operations = "[]";  // describe says those of the description

  explicit Http(const weft::context& context)
      : adapter(context), language_(host()), all_(read_description(context.config(), language_)) {}

  weft::task<json> describe(weft::call&) override {
    json list = json::array();
    bool polls = false;
    for (const auto& [operation_name, operation] : all_.operations) {
      list.push_back(operation.described);
      polls = polls || operation.poll.has_value();
    }
    co_return json{{"recover", polls ? "token" : "none"}, {"operations", list}};
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
    weft::http_response answer;
    bool is_done = false;
    if (job.attached()) {
      if (!operation.poll || job.token().empty())
        throw weft::error(WEFT_UNKNOWN, "nothing finds this request again at the service");
      scope.bind("job", json::parse(job.token()));
    } else {
      answer = co_await buy(job, operation, scope);
      is_done = !operation.poll ||
                (operation.poll->at_submit && state(job, operation, scope, answer) == "done");
    }
    if (!is_done) answer = co_await wait(job, operation, scope);
    if (operation.poll && operation.poll->result)
      answer = co_await ask(job, operation, scope, *operation.poll->result);
    spend(job, operation, scope);
    co_await hand_over(job, operation, scope, answer);
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

  static bool saves(const Operation& operation) {
    return std::ranges::any_of(operation.outputs, &Output::body);
  }

  // The purchase; for a job with polls its handle is durable afterwards.
  weft::task<weft::http_response> buy(weft::job& job, const Operation& operation,
                                      weft::expression_scope& scope) {
    auto request = build(all_, operation.submit, scope, &job.request());
    (void)std::move(request).buys().body_limit(operation.answer_limit_bytes);
    const bool saved = saves(operation) && !operation.poll;
    if (saved) (void)std::move(request).save_as("*").body_limit(operation.file_limit_bytes);
    auto answer = co_await job.http(std::move(request));
    see(scope, answer);
    if (const auto verdict = judge(all_, &operation, scope, answer, true)) {
      if (verdict->free) job.cost(weft::cost::billed(0, operation.cost.currency));
      throw verdict->error;
    }
    if (!operation.poll) co_return answer;
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
    co_return answer;
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
      try {
        auto request = build(all_, poll.ask, scope, &job.request());
        (void)std::move(request).body_limit(operation.answer_limit_bytes);
        answer = co_await job.http(std::move(request));
      } catch (const weft::error& failure) {
        if (failure.status() != WEFT_NOT_SENT && failure.status() != WEFT_TRANSIENT) throw;
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

  // The state of an answer to a question; "" with the reason in `silence` when it has none.
  std::string heard(weft::job& job, const Operation& operation, weft::expression_scope& scope,
                    const weft::http_response& answer, std::string& silence) {
    const auto verdict = judge(all_, &operation, scope, answer, false);
    if (!verdict) return state(job, operation, scope, answer);
    const weft_status status = verdict->error.status();
    if (answer.status() / 100 == 2 || status == WEFT_REFUSED || status == WEFT_LOST) {
      if (status == WEFT_LOST) return "lost";
      if (verdict->free) job.cost(weft::cost::billed(0, operation.cost.currency));
      throw verdict->error;
    }
    if (answer.status() == 404 || answer.status() == 410) return "lost";
    silence = verdict->error.what();
    return "";
  }

  // A question about a job that is done, asked again while the service stumbles.
  weft::task<weft::http_response> ask(weft::job& job, const Operation& operation,
                                      weft::expression_scope& scope, const Request& what) {
    for (int attempt = 1;; ++attempt) {
      std::optional<weft::error> failed;
      try {
        auto request = build(all_, what, scope, &job.request());
        (void)std::move(request).body_limit(operation.answer_limit_bytes);
        if (saves(operation))
          (void)std::move(request).save_as("*").body_limit(operation.file_limit_bytes);
        auto answer = co_await job.http(std::move(request));
        see(scope, answer);
        if (const auto verdict = judge(all_, &operation, scope, answer, false))
          throw verdict->error;
        co_return answer;
      } catch (const weft::error& failure) {
        failed = failure;
      }
      if (attempt == download_attempts || !passes(failed->status())) throw *failed;
      co_await job.sleep(std::max(download_pause_ms * static_cast<std::uint32_t>(attempt),
                                  failed->retry_after_ms()));
    }
  }
  static bool passes(weft_status status) {
    return status == WEFT_NOT_SENT || status == WEFT_TRANSIENT || status == WEFT_RATE_LIMITED;
  }

  weft::task<weft::artifact> download(weft::job& job, const Operation& operation,
                                      const Output& output, std::string url) {
    for (int attempt = 1;; ++attempt) {
      std::optional<weft::error> failed;
      try {
        auto scope = language_.scope();
        scope.bind("config", all_.settings);
        scope.bind("job", {{"url", url}});
        const Trust trust = trust_in(all_, url);
        auto request = weft::get(cleaned(url)).any_status().timeout(600'000);
        if (trust == Trust::service) request = with_headers(std::move(request), scope);
        if (trust == Trust::foreign) (void)std::move(request).public_only();
        (void)std::move(request).save_as("*").body_limit(operation.file_limit_bytes);
        const auto answer = co_await job.http(std::move(request));
        if (answer.status() / 100 != 2)
          throw weft::error(
              failed_download(job, operation, answer.status()),
              "the result cannot be downloaded: HTTP " + std::to_string(answer.status()),
              answer.retry_after_ms());
        co_return typed(answer, output);
      } catch (const weft::error& failure) {
        failed = failure;
      }
      if (attempt == download_attempts || !passes(failed->status())) throw *failed;
      co_await job.sleep(std::max(download_pause_ms * static_cast<std::uint32_t>(attempt),
                                  failed->retry_after_ms()));
    }
  }

  weft::http_request with_headers(weft::http_request request, const weft::expression_scope& scope) {
    for (const Header& header : all_.headers)
      if (const auto value = scope.find(header.value); value && value->is_string())
        (void)std::move(request).header(header.name, value->get<std::string>());
    return request;
  }

  // A result that is not there any more was lost if the service keeps them only so long.
  weft_status failed_download(const weft::job& job, const Operation& operation,
                              std::uint32_t status) const {
    if (status == 401 || status == 403 || status == 404 || status == 410) {
      if (!operation.poll || operation.poll->expires_ms == 0 || job.token().empty())
        return WEFT_BAD_OUTPUT;
      const std::int64_t since = json::parse(job.token()).value("submitted_ms", std::int64_t{0});
      return host().now_ms() - since > operation.poll->expires_ms ? WEFT_LOST : WEFT_BAD_OUTPUT;
    }
    const weft_status said = weft_http_outcome(status, 0);
    return said == WEFT_OK || said == WEFT_BAD_INPUT ? WEFT_BAD_OUTPUT : said;
  }

  // The artifact of an answer, if it is of a type that the output takes.
  weft::artifact typed(const weft::http_response& answer, const Output& output) const {
    const auto& content = answer.artifact();
    const std::string_view said = answer.header("content-type");
    if (content.id() == 0 || content.length() == 0)
      throw weft::error(WEFT_BAD_OUTPUT, "the " + output.name + " is empty");
    const bool says_nothing = said.empty() || said.starts_with("application/octet-stream") ||
                              said.starts_with("binary/octet-stream");
    if (!says_nothing && !fits_media_type(said, output.media_types))
      throw weft::error(WEFT_BAD_OUTPUT, "the " + output.name + " is " + std::string(said));
    const std::string type =
        says_nothing ? output.media_type : std::string(said.substr(0, said.find(';')));
    return {host(), content.id(), content.sha256(), content.length(), type};
  }

  weft::task<> hand_over(weft::job& job, const Operation& operation, weft::expression_scope& scope,
                         const weft::http_response& answer) {
    if (const auto text = scope.find(operation.parse)) {
      const json parsed =
          json::parse(text->is_string() ? text->get<std::string>() : "", nullptr, false);
      if (parsed.is_discarded())
        throw weft::error(WEFT_BAD_OUTPUT, "the answer is no JSON: " + text->dump().substr(0, 200));
      scope.bind("parsed", parsed);
    }
    json plain = json::object();
    for (const Output& output : operation.outputs) {
      json meta = json::object();
      if (const auto said = scope.find(output.meta); said && said->is_object()) {
        for (const auto& [key, value] : said->items())
          if (!value.is_null()) meta[key] = value;
      }
      bool found = true;
      if (const auto value = scope.find(output.value)) {
        plain[output.name] = *value;
      } else if (output.body) {
        job.output(output.name, typed(answer, output), meta);
      } else if (const auto texts = scope.find(output.base64)) {
        for (const json& text : texts->is_array() ? *texts : json::array({*texts}))
          job.output_base64(output.name, text.get<std::string>(), output.media_type, meta);
        found = !(texts->is_array() && texts->empty());
      } else if (const auto urls = scope.find(output.url)) {
        for (const json& url : urls->is_array() ? *urls : json::array({*urls})) {
          std::string where = url.get<std::string>();
          const auto content = co_await download(job, operation, output, std::move(where));
          job.output(output.name, content, meta);
        }
        found = !(urls->is_array() && urls->empty());
      } else {
        found = false;
      }
      if (!found && !output.optional)
        throw weft::error(WEFT_BAD_OUTPUT, "the answer has no " + output.name);
    }
    if (!plain.empty()) job.result(plain);
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
