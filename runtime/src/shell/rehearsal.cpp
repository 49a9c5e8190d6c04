// SPDX-License-Identifier: Apache-2.0
#include "shell/rehearsal.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>

#include "artifact/media_type.hpp"
#include "base/text.hpp"
#include "model/document.hpp"
#include "model/sample.hpp"
#include "plugin/instance.hpp"
#include "plugin/stand_in.hpp"
#include "shell/board_home.hpp"
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

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

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

// Every secret is set, whatever its value: none is shown.
class AnySecret final : public plugin::SecretSource {
 public:
  std::optional<std::string> get(std::string_view name) override { return std::string(name); }
  bool refuse(std::string_view, std::string_view, Duration) override { return false; }
};

// Gives the recorded answers one by one, and notes what was asked.
class Prompter final : public plugin::StandIn {
 public:
  void expect(std::vector<net::HttpResponse> answers) {
    answers_ = std::move(answers);
    next_ = 0;
    requests.clear();
    waits = false;
  }

  std::optional<net::HttpResult> answer(const net::HttpRequest& request, bool buys) override {
    RehearsedRequest noted{request.method, request.url, {}, shown_body(request), buys};
    for (const net::Header& header : request.headers)
      noted.headers.emplace_back(header.name, header.value);
    requests.push_back(std::move(noted));
    if (next_ < answers_.size()) return net::HttpResult(answers_[next_++]);
    // What is fetched after the last answer is a result: something stands in for it.
    if (next_ > 0 && !buys && std::holds_alternative<net::ToFile>(request.answer_to)) {
      net::HttpResponse result;
      result.status = 200;
      result.body = "what is at " + request.url;
      return net::HttpResult(std::move(result));
    }
    waits = true;
    return std::nullopt;
  }

  std::vector<RehearsedRequest> requests;
  bool waits = false;  // a request has no answer

 private:
  std::vector<net::HttpResponse> answers_;
  std::size_t next_ = 0;
};

result<std::vector<net::HttpResponse>> read_answers(const std::vector<RecordedAnswer>& recorded) {
  std::vector<net::HttpResponse> answers;
  for (const RecordedAnswer& one : recorded) {
    std::error_code failed;
    if (!std::filesystem::is_regular_file(one.body, failed))
      return not_found("there is no file '" + one.body.string() + "'");
    net::HttpResponse answer;
    answer.status = one.status;
    answer.body = read_file(one.body);
    for (const auto& [name, value] : one.headers) answer.headers.push_back({name, value, false});
    if (!net::find_header(answer.headers, "content-type")) {
      const bool is_json = one.body.extension() == ".json";
      answer.headers.push_back(
          {"content-type",
           is_json ? "application/json"
                   : artifact::sniff_media_type(std::as_bytes(std::span(answer.body)),
                                                one.body.filename().string()),
           false});
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

// The stage: a host whose network is the prompter.
class Stage final : public plugin::JobSink {
 public:
  static result<std::unique_ptr<Stage>> build(const Environment& environment) {
    auto home = BoardHome::make_temporary();
    if (!home) return std::move(home).error();
    auto stage = std::unique_ptr<Stage>(new Stage(environment, std::move(*home)));
    plugin::HostParts parts{
        stage->io_,       stage->http_,    stage->home_->artifacts(),
        stage->redactor_, stage->metrics_, stage->secrets_,
        *stage->home_,    stage->log_,     stage->home_->temporary_work_folder()};
    parts.stand_in = &stage->prompter;
    auto host = plugin::Host::create(std::move(parts));
    if (!host) return std::move(host).error();
    stage->host_ = std::move(*host);
    return stage;
  }

  result<std::unique_ptr<plugin::Instance>> make(const ServiceConfig& service) {
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

  result<plugin::Offer> describe(plugin::Instance& instance) {
    std::optional<result<plugin::Offer>> answer;
    instance.describe(describe_limit,
                      [&](result<plugin::Offer> said) { answer = std::move(said); });
    run_until([&] { return answer.has_value(); });
    if (!answer) return failed("the plugin does not say what it can do");
    return std::move(*answer);
  }

  result<plugin::JobOutcome> play(plugin::Instance& instance, const std::string& operation,
                                  BoundTask task) {
    outcome_.reset();
    plugin::Job job;
    job.attempt = {{}, ++job_no_, 1};
    job.operation = operation;
    job.task = std::make_shared<const BoundTask>(std::move(task));
    job.label = "rehearsal";
    job.idempotency_key = Uuid::v7(now(), {});
    current_ = &instance;
    instance.submit(std::move(job));
    run_until([&] { return outcome_ || prompter.waits; });
    if (outcome_) return std::move(*outcome_);
    if (prompter.waits) return plugin::JobOutcome{Outcome::unknown, {}, {}, {}, false, {}, {}};
    return failed("the plugin neither asks anything nor ends");
  }

  // An artifact of that type.
  result<ArtifactInfo> make_input(const std::string& media_type) {
    const bool is_picture = media_type == "image/png";
    const std::string_view bytes =
        is_picture ? std::string_view(reinterpret_cast<const char*>(pixel), sizeof pixel) : "input";
    auto blob = home_->artifacts().put_bytes(bytes);
    if (!blob) return std::move(blob).error();
    return ArtifactInfo{blob->digest, blob->size_bytes, media_type, ""};
  }

  Prompter prompter;

 private:
  Stage(const Environment& environment, std::unique_ptr<BoardHome> home)
      : home_(std::move(home)), libraries_(plugin::Libraries::scan(environment.plugins)) {}

  void run_until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!done() && std::chrono::steady_clock::now() < end)
      io_.run_one_for(std::chrono::milliseconds{20});
  }

  void started(AttemptRef) override {}
  void progressed(AttemptRef, std::int32_t, std::string_view) override {}
  void checkpoint(AttemptRef attempt, std::uint64_t op, std::string) override {
    current_->checkpointed(attempt, op);
  }
  // Called in the io thread, which is the only one: no job of an adapter runs elsewhere.
  void ended(AttemptRef, plugin::JobOutcome outcome) override { outcome_ = std::move(outcome); }

  const std::unique_ptr<BoardHome> home_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      io_.get_executor()};
  observe::Redactor redactor_;
  observe::Metrics metrics_;
  observe::Logger log_ = observe::Logger::to_sink([](observe::Level, std::string_view) {},
                                                  redactor_, observe::Level::error);
  AnySecret secrets_;
  net::HttpClient http_{io_, {}, log_};
  const plugin::Libraries libraries_;
  std::unique_ptr<plugin::Host> host_;
  plugin::Instance* current_ = nullptr;
  std::optional<plugin::JobOutcome> outcome_;
  TaskNo job_no_ = 0;
};

// ---------------------------------------------------------------- what is asked for

json::object params_for(const json::value& schema, const json::object& given) {
  const json::value made = sample_of(schema);
  json::object params = made.is_object() ? made.get_object() : json::object();
  params.erase("options");
  for (const auto& [name, value] : given) {
    params.erase(name);
    if (!value.is_null()) params[name] = value;
  }
  return params;
}

struct WantedInput {
  std::string name;
  std::string media_type;
};

std::vector<WantedInput> inputs_of(const plugin::OfferedOperation& offered,
                                   const Operation& operation) {
  std::vector<WantedInput> wanted;
  for (const OperationInput& input : operation.inputs) {
    std::string type = input.media_type;
    if (!offered.inputs.empty()) {
      const json::value* said = offered.inputs.if_contains(input.name);
      if (!said) continue;
      if (const json::value* types = find_member(*said, "media_types");
          types && types->is_array() && !types->get_array().empty())
        type = std::string(types->get_array().front().as_string());
    }
    if (type == "image/*") type = "image/png";
    if (type == "video/*" || type == "*/*") type = "video/mp4";
    wanted.push_back({input.name, type});
  }
  return wanted;
}

class Rehearser {
 public:
  Rehearser(const Environment& environment, const Rehearsal& rehearsal, Stage& stage)
      : environment_(environment), rehearsal_(rehearsal), stage_(stage) {}

  result<std::vector<RehearsedJob>> run(const Document& document, const Configuration& config,
                                        const json::object& given,
                                        const std::vector<net::HttpResponse>& answers) {
    std::vector<Diagnostic> mistakes;
    for (const ServiceConfig& service : config.services) {
      auto instance = stage_.make(service);
      if (!instance) {
        Error error = place_mistakes(std::move(instance).error(), document,
                                     "/services/" + service.name + "/config");
        if (error.diagnostics.empty())
          error.diagnostics.push_back({service.position, error.message, error.remedy});
        std::ranges::move(error.diagnostics, std::back_inserter(mistakes));
        continue;
      }
      if (auto played = play_all(**instance, service, given, answers); !played)
        return std::move(played).error();
    }
    sort_diagnostics(mistakes);
    if (!mistakes.empty()) return invalid(rehearsal_.file.string(), std::move(mistakes));
    if (jobs_.empty())
      return not_found(rehearsal_.operation.empty()
                           ? rehearsal_.file.string() + " describes no service"
                           : "no service of it does '" + rehearsal_.operation + "'",
                       suggest(rehearsal_.operation, offered_));
    if (jobs_.size() > 1 && !answers.empty())
      return invalid("an answer is to one operation, and there are several",
                     "name it: --operation " + jobs_.front().operation);
    return std::move(jobs_);
  }

 private:
  result<> play_all(plugin::Instance& instance, const ServiceConfig& service,
                    const json::object& given, const std::vector<net::HttpResponse>& answers) {
    const auto offer = stage_.describe(instance);
    if (!offer) return Error(offer.error()).in("service '" + service.name + "'");
    route::Service row;
    take_offer(*offer, service, row);
    if (!row.unavailable.empty())
      return invalid("service '" + service.name + "': " + row.unavailable);
    for (const plugin::OfferedOperation& offered : offer->operations) {
      offered_.push_back(offered.name);
      if (!row.offers(offered.name)) continue;
      if (!rehearsal_.operation.empty() && rehearsal_.operation != offered.name) continue;
      auto job = play(instance, service, offered, given, answers);
      if (!job) return std::move(job).error();
      jobs_.push_back(std::move(*job));
    }
    return {};
  }

  result<RehearsedJob> play(plugin::Instance& instance, const ServiceConfig& service,
                            const plugin::OfferedOperation& offered, const json::object& given,
                            const std::vector<net::HttpResponse>& answers) {
    const auto operation = environment_.config.operations.find(offered.name);
    if (!operation)
      return invalid("service '" + service.name + "' offers '" + offered.name +
                         "', and there is no such operation",
                     suggest(offered.name, environment_.config.operations.names()));
    BoundTask task;
    task.params =
        params_for(offered.params.is_null() ? operation->params.source() : offered.params, given);
    if (!offered.options.is_null()) {
      const json::value made = sample_of(offered.options);
      if (made.is_object() && !made.get_object().empty())
        task.params["options"] = json::object{{service.component, made}};
    }
    for (const WantedInput& input : inputs_of(offered, *operation)) {
      auto made = stage_.make_input(input.media_type);
      if (!made) return std::move(made).error();
      task.inputs.push_back({input.name, {std::move(*made)}});
    }
    RehearsedJob job{service.name, offered.name, json::serialize(task.params), {}, {}, {}, {}, {}};
    stage_.prompter.expect(answers);
    auto outcome = stage_.play(instance, offered.name, std::move(task));
    if (!outcome) return std::move(outcome).error();
    job.requests = stage_.prompter.requests;
    if (stage_.prompter.waits) return job;
    job.outcome = to_string(outcome->outcome);
    job.message = outcome->message;
    if (outcome->outcome == Outcome::ok) job.outputs_json = json::serialize(outcome->outputs);
    if (outcome->cost) job.cost = outcome->cost->to_string();
    job.cost_estimated = outcome->cost_is_estimated;
    return job;
  }

  const Environment& environment_;
  const Rehearsal& rehearsal_;
  Stage& stage_;
  std::vector<RehearsedJob> jobs_;
  std::vector<std::string> offered_;
};

}  // namespace

result<std::vector<RehearsedJob>> rehearse(const Environment& environment,
                                           const Rehearsal& rehearsal) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(rehearsal.file, failed))
    return not_found("there is no file '" + rehearsal.file.string() + "'");
  const auto document = Document::from_toml(read_file(rehearsal.file), rehearsal.file.string());
  if (!document) return document.error();
  const auto config = read_services(rehearsal.file);
  if (!config) return config.error();
  json::object given;
  if (!rehearsal.params_json.empty()) {
    const auto params = parse_json(rehearsal.params_json);
    if (!params) return params.error();
    if (!params->is_object()) return invalid("the params are no object");
    given = params->get_object();
  }
  const auto answers = read_answers(rehearsal.answers);
  if (!answers) return answers.error();
  auto stage = Stage::build(environment);
  if (!stage) return std::move(stage).error();
  return Rehearser(environment, rehearsal, **stage).run(*document, *config, given, *answers);
}

}  // namespace weft::shell
