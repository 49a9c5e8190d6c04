// SPDX-License-Identifier: Apache-2.0
#include "shell/rehearsal_stage.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/text.hpp"
#include "shell/offer.hpp"

namespace weft::shell {
namespace {

constexpr Duration describe_limit = std::chrono::seconds{2};
constexpr auto patience = std::chrono::seconds{20};  // with code that ends nothing
constexpr std::uint64_t shown_bytes_at_most = 64 << 10;

// The smallest PNG there is: one pixel.
constexpr unsigned char pixel[] = {
    0x89, 'P',  'N',  'G',  '\r', '\n', 0x1a, '\n', 0,    0,    0,    13,   'I',  'H',
    'D',  'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,    6,    0,    0,
    0,    0x1f, 0x15, 0xc4, 0x89, 0,    0,    0,    13,   'I',  'D',  'A',  'T',  0x78,
    0xda, 0x63, 0x64, 0x60, 0xf8, 0x5f, 0x0f, 0,    0x02, 0x87, 0x01, 0x80, 0xeb, 0x47,
    0xba, 0x92, 0,    0,    0,    0,    'I',  'E',  'N',  'D',  0xae, 0x42, 0x60, 0x82};

std::string shown(const net::Content& content) {
  if (const auto* text = std::get_if<std::string>(&content)) return *text;
  const auto& slice = std::get<net::FileSlice>(content);
  return read_file(slice.path).substr(slice.offset, shown_bytes_at_most);
}

std::string shown_body(const net::HttpRequest& request) {
  if (const auto* text = std::get_if<std::string>(&request.body)) return *text;
  if (const auto* slice = std::get_if<net::FileSlice>(&request.body)) return shown(*slice);
  std::string lines;
  for (const net::FormPart& part : std::get<net::Form>(request.body)) {
    const std::string value = shown(part.content);
    const bool is_file = !part.file_name.empty();
    lines += part.name + " = ";
    lines += is_file ? "<" + part.media_type + ", " + size_to_string(value.size()) + ">" : value;
    lines += "\n";
  }
  return lines;
}

}  // namespace

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void Prompter::expect(Prompt prompt, std::string step) {
  prompt_ = std::move(prompt);
  step_ = std::move(step);
  next_ = 0;
  has_ordered_ = has_asked_beside_ = false;
  requests.clear();
  waits = false;
}

// Once: no time passes here, so that there would be no end of it.
std::optional<net::HttpResult> Prompter::answer_beside(RehearsedRequest noted) {
  if (std::exchange(has_asked_beside_, true)) return std::nullopt;
  noted.made_up = prompt_.beside.front().body;
  requests.push_back(std::move(noted));
  return net::HttpResult(prompt_.beside.front());
}

std::optional<net::HttpResult> Prompter::answer(const net::HttpRequest& request, bool buys) {
  RehearsedRequest noted{
      buys ? "buys" : step_, request.method, request.url, {}, shown_body(request), {}};
  for (const net::Header& header : request.headers)
    noted.headers.emplace_back(header.name, header.value);
  if (!buys && !has_ordered_ && !prompt_.beside.empty()) return answer_beside(std::move(noted));
  has_ordered_ = has_ordered_ || buys;
  // Reading an order's inputs takes longer than asking how far it is, here alone.
  const auto at = buys && has_asked_beside_ ? requests.begin() : requests.end();
  RehearsedRequest& kept = *requests.insert(at, std::move(noted));
  if (next_ < prompt_.answers.size()) {
    const net::HttpResponse& answer = prompt_.answers[next_++];
    if (prompt_.made_up) kept.made_up = answer.body;
    return net::HttpResult(answer);
  }
  // What is fetched after the last answer is a result: something stands in for it.
  if (next_ > 0 && !buys && std::holds_alternative<net::ToFile>(request.answer_to)) {
    kept.step = "fetches";
    net::HttpResponse result;
    result.status = 200;
    result.body = "what is at " + request.url;
    return net::HttpResult(std::move(result));
  }
  waits = true;
  return std::nullopt;
}

Stage::Stage(const Environment& environment, std::unique_ptr<BoardHome> home)
    : home_(std::move(home)), libraries_(plugin::Libraries::scan(environment.plugins)) {}

result<std::unique_ptr<Stage>> Stage::build(const Environment& environment) {
  auto home = BoardHome::make_temporary();
  if (!home) return std::move(home).error();
  auto stage = std::unique_ptr<Stage>(new Stage(environment, std::move(*home)));
  plugin::HostParts parts{stage->io_,       stage->http_,    stage->home_->artifacts(),
                          stage->redactor_, stage->metrics_, stage->secrets_,
                          *stage->home_,    stage->log_,     stage->home_->temporary_work_folder()};
  parts.stand_in = &stage->prompter;
  auto host = plugin::Host::create(std::move(parts));
  if (!host) return std::move(host).error();
  stage->host_ = std::move(*host);
  return stage;
}

result<std::unique_ptr<plugin::Instance>> Stage::make(const ServiceConfig& service) {
  const plugin::Component* component = libraries_.find(service.component);
  if (!component || !component->manifest().is_adapter()) {
    std::vector<std::string> names;
    for (const auto& [name, known] : libraries_.components())
      if (known.manifest().is_adapter()) names.push_back(name);
    return invalid("service '" + service.name + "': '" + service.component +
                       "' is no component that asks a service over the network",
                   suggest(service.component, names));
  }
  return plugin::Instance::create(
      *host_, *component,
      {service.name, service.config, service.config_position, service.secrets, 0}, *this);
}

result<plugin::Offer> Stage::describe(plugin::Instance& instance) {
  std::optional<result<plugin::Offer>> answer;
  instance.describe(describe_limit, [&](result<plugin::Offer> said) { answer = std::move(said); });
  run_until([&] { return answer.has_value(); });
  if (!answer) return failed("the plugin does not say what it can do");
  return std::move(*answer);
}

result<plugin::JobOutcome> Stage::play(plugin::Instance& instance, const std::string& operation,
                                       const BoundTask& task) {
  instance.submit(new_job(instance, operation, task));
  run_until([&] { return outcome_ || prompter.waits; });
  if (outcome_) return std::move(*outcome_);
  if (prompter.waits) return plugin::JobOutcome{Outcome::unknown, {}, {}, {}, false, {}, {}};
  return failed("the plugin neither asks anything nor ends");
}

std::vector<RehearsedRequest> Stage::cancel(plugin::Instance& instance, Prompt prompt) {
  prompter.expect(std::move(prompt), "cancels");
  instance.cancel(attempt_);
  return heard();
}

std::vector<RehearsedRequest> Stage::find(plugin::Instance& instance, const std::string& operation,
                                          const BoundTask& task) {
  prompter.expect({}, "finds");
  instance.attach(new_job(instance, operation, task), "");
  return heard();
}

std::vector<RehearsedRequest> Stage::probe(plugin::Instance& instance) {
  prompter.expect({}, "probes");
  outcome_.reset();
  instance.probe(describe_limit, [this](const plugin::Health&) { outcome_.emplace(); });
  return heard();
}

result<ArtifactInfo> Stage::make_input(const std::string& media_type) {
  const bool is_picture = media_type == "image/png";
  const std::string_view bytes =
      is_picture ? std::string_view(reinterpret_cast<const char*>(pixel), sizeof pixel) : "input";
  auto blob = home_->artifacts().put_bytes(bytes);
  if (!blob) return std::move(blob).error();
  return ArtifactInfo{blob->digest, blob->size_bytes, media_type, ""};
}

plugin::Job Stage::new_job(plugin::Instance& instance, const std::string& operation,
                           const BoundTask& task) {
  outcome_.reset();
  current_ = &instance;
  attempt_ = {{}, ++job_no_, 1};
  plugin::Job job;
  job.attempt = attempt_;
  job.operation = operation;
  job.task = std::make_shared<const BoundTask>(task);
  job.label = "rehearsal";
  job.idempotency_key = Uuid::v7(now(), {});
  return job;
}

// What was asked by the time that it ends or waits.
std::vector<RehearsedRequest> Stage::heard() {
  run_until([&] { return outcome_ || prompter.waits; });
  return prompter.requests;
}

void Stage::run_until(const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!done() && std::chrono::steady_clock::now() < end)
    io_.run_one_for(std::chrono::milliseconds{20});
}

void Stage::checkpoint(AttemptRef attempt, std::uint64_t op, std::string) {
  current_->checkpointed(attempt, op);
}

void Stage::ended(AttemptRef attempt, plugin::JobOutcome outcome) {
  if (attempt == attempt_) outcome_ = std::move(outcome);
}

}  // namespace weft::shell
