// SPDX-License-Identifier: Apache-2.0
#include "results.hpp"

#include <algorithm>

#include "answer.hpp"
#include "request.hpp"
#include "schema.hpp"

namespace http_plugin {
namespace {

constexpr std::uint32_t first_pause_ms = 2000, longest_pause_ms = 30'000;
constexpr std::int64_t patience_ms = 600'000;  // for what is no job
constexpr std::uint32_t download_timeout_ms = 600'000;

// What is over sooner or later, or says nothing about the result.
bool passes(weft_status status) {
  return status == WEFT_NOT_SENT || status == WEFT_TRANSIENT || status == WEFT_RATE_LIMITED ||
         status == WEFT_AUTH || status == WEFT_QUOTA || status == WEFT_UNKNOWN;
}

weft::error out_of_reach(const weft::error& failed) {
  return {WEFT_UNKNOWN,
          std::string("it is done, and its result cannot be fetched: ") + failed.what()};
}

// How a service says that a URL it gave is good no longer.
bool is_gone(std::uint32_t status) {
  return status == 401 || status == 403 || status == 404 || status == 410;
}

json list_of(const json& value) {
  return value.is_array() ? value : json::array({value});
}

}  // namespace

bool saves(const Operation& operation) {
  return std::ranges::any_of(operation.outputs, &Output::body);
}

weft::task<> Results::pause(const weft::error& failed, Tries& tries) const {
  const std::int64_t patience = operation_.poll ? operation_.poll->patience_ms : patience_ms;
  if (job_.host().now_ms() - tries.since_ms > patience) throw out_of_reach(failed);
  const std::uint32_t wanted_ms = std::min(first_pause_ms * ++tries.count, longest_pause_ms);
  co_await job_.sleep(std::max(wanted_ms, failed.retry_after_ms()));
}

// An answer of any status; or none, with the reason in `failed` when it may be asked for again.
weft::task<weft::http_response> Results::take(weft::http_request request,
                                              std::optional<weft::error>& failed) {
  failed.reset();
  weft::http_response answer;
  try {
    answer = co_await job_.http(std::move(request));
  } catch (const weft::error& failure) {
    if (failure.status() == WEFT_CANCELLED) throw;
    if (!passes(failure.status())) throw out_of_reach(failure);
    failed = failure;
  }
  co_return answer;
}

// The service says that there is no result.
void Results::give_up(const Verdict& verdict) {
  charge(job_, operation_.cost, scope_, verdict);
  throw verdict.error;
}

weft::task<weft::http_response> Results::ask(const Request& what) {
  Tries tries = first_try();
  for (;;) {
    auto request = build(all_, what, scope_, &job_.request());
    (void)std::move(request).body_limit(operation_.answer_limit_bytes);
    if (saves(operation_))
      (void)std::move(request).save_as("*").body_limit(operation_.file_limit_bytes);
    std::optional<weft::error> failed;
    const auto answer = co_await take(std::move(request), failed);
    if (!failed) {
      see(scope_, answer);
      const auto verdict = judge(all_, &operation_, scope_, answer, false);
      if (!verdict) co_return answer;
      const weft_status status = verdict->error.status();
      if (is_missing(*verdict, answer) && (status == WEFT_BAD_INPUT || status == WEFT_UNSUPPORTED))
        throw weft::error(WEFT_LOST,
                          "the service has no result: " + std::string(verdict->error.what()));
      if (verdict->free || !passes(status)) give_up(*verdict);
      failed = verdict->error;
    }
    co_await pause(*failed, tries);
  }
}

// Asks a job that is done once more: its answer has fresh URLs. False: there is nothing to ask.
weft::task<bool> Results::renew() {
  if (!operation_.poll) co_return false;
  const Poll& poll = *operation_.poll;
  const auto answer = co_await ask(poll.result ? *poll.result : poll.ask);
  co_return answer.status() / 100 == 2;
}

weft::task<weft::http_response> Results::load(std::string url) {
  auto scope = language_.scope();
  scope.bind("config", all_.settings);
  scope.bind("job", {{"url", url}});
  Tries tries = first_try();
  for (;;) {
    auto request = build_download(all_, url, scope);
    (void)std::move(request).timeout(download_timeout_ms);
    (void)std::move(request).save_as("*").body_limit(operation_.file_limit_bytes);
    std::optional<weft::error> failed;
    auto answer = co_await take(std::move(request), failed);
    if (!failed) {
      if (answer.status() / 100 == 2 || is_gone(answer.status())) co_return answer;
      failed.emplace(failed_download(answer.status()),
                     "the result cannot be downloaded: HTTP " + std::to_string(answer.status()),
                     answer.retry_after_ms());
      if (!passes(failed->status())) throw *failed;
    }
    co_await pause(*failed, tries);
  }
}

// The artifact behind the URL at that place of the list that the answer gives.
weft::task<weft::artifact> Results::download(const Output& output, std::size_t index) {
  for (bool is_fresh = false;; is_fresh = true) {
    const auto urls = scope_.find(output.url);
    const json list = urls ? list_of(*urls) : json::array();
    if (index >= list.size() || !list[index].is_string())
      throw weft::error(WEFT_BAD_OUTPUT, "the answer has no URL of the " + output.name);
    std::string url = list[index].get<std::string>();
    const auto answer = co_await load(std::move(url));
    if (answer.status() / 100 == 2) co_return typed(answer, output);
    bool renewed = false;
    if (!is_fresh) renewed = co_await renew();
    if (!renewed)
      throw weft::error(failed_download(answer.status()),
                        "the result is gone: HTTP " + std::to_string(answer.status()));
  }
}

// A result that is not there any more was lost if the service keeps them only so long.
weft_status Results::failed_download(std::uint32_t status) const {
  if (is_gone(status)) {
    if (!operation_.poll || operation_.poll->expires_ms == 0 || job_.token().empty())
      return WEFT_BAD_OUTPUT;
    const std::int64_t since = json::parse(job_.token()).value("submitted_ms", std::int64_t{0});
    return job_.host().now_ms() - since > operation_.poll->expires_ms ? WEFT_LOST : WEFT_BAD_OUTPUT;
  }
  const weft_status said = weft_http_outcome(status, 0);
  return said == WEFT_OK || said == WEFT_BAD_INPUT ? WEFT_BAD_OUTPUT : said;
}

// The artifact of an answer, if it is of a type that the output takes.
weft::artifact Results::typed(const weft::http_response& answer, const Output& output) const {
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
  return {job_.host(), content.id(), content.sha256(), content.length(), type};
}

void Results::parse() {
  const auto text = scope_.find(operation_.parse);
  if (!text) return;
  const json parsed =
      json::parse(text->is_string() ? text->get<std::string>() : "", nullptr, false);
  if (parsed.is_discarded())
    throw weft::error(WEFT_BAD_OUTPUT, "the answer is no JSON: " + text->dump().substr(0, 200));
  scope_.bind("parsed", parsed);
}

// False: the answer has none.
weft::task<bool> Results::fetch(const Output& output, const json& meta) {
  if (const auto texts = scope_.find(output.base64)) {
    for (const json& text : list_of(*texts)) {
      if (!text.is_string())
        throw weft::error(WEFT_BAD_OUTPUT, "the " + output.name + " is no base64 text");
      job_.output_base64(output.name, text.get<std::string>(), output.media_type, meta);
    }
    co_return !(texts->is_array() && texts->empty());
  }
  const auto urls = scope_.find(output.url);
  if (!urls) co_return false;
  const std::size_t count = list_of(*urls).size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto content = co_await download(output, i);
    job_.output(output.name, content, meta);
  }
  co_return count > 0;
}

void Results::put_value(const Output& output, const json& value, json& plain) const {
  if (const auto schema = scope_.find(output.schema); schema && schema->is_object())
    if (const std::string wrong = misfit(value, *schema); !wrong.empty())
      throw weft::error(WEFT_BAD_OUTPUT,
                        "the " + output.name + " does not fit its schema: " + wrong);
  plain[output.name] = value;
}

weft::task<> Results::hand_over(const weft::http_response& answer) {
  parse();
  json plain = json::object();
  for (const Output& output : operation_.outputs) {
    json meta = json::object();
    if (const auto said = scope_.find(output.meta); said && said->is_object()) {
      for (const auto& [key, value] : said->items())
        if (!value.is_null()) meta[key] = value;
    }
    bool found = true;
    if (output.body) {
      job_.output(output.name, typed(answer, output), meta);
    } else if (!output.value) {
      found = co_await fetch(output, meta);
    } else if (const auto value = scope_.find(output.value)) {
      put_value(output, *value, plain);
    } else {
      found = false;
    }
    if (!found && !output.optional)
      throw weft::error(WEFT_BAD_OUTPUT, "the answer has no " + output.name);
  }
  if (!plain.empty()) job_.result(plain);
}

}  // namespace http_plugin
