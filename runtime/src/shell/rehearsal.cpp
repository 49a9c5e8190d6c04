// SPDX-License-Identifier: Apache-2.0
#include "shell/rehearsal.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <iterator>

#include "artifact/media_type.hpp"
#include "base/text.hpp"
#include "model/document.hpp"
#include "model/sample.hpp"
#include "shell/offer.hpp"
#include "shell/rehearsal_stage.hpp"

namespace weft::shell {
namespace {

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

// Those to a job's own requests, or to what is asked beside an order that stays open.
std::vector<net::HttpResponse> sample_answers(const json::array& samples, bool beside) {
  std::vector<net::HttpResponse> answers;
  for (const json::value& one : samples) {
    const json::object& sample = one.get_object();
    const json::value* is_beside = sample.if_contains("beside");
    if ((is_beside && is_beside->as_bool()) != beside) continue;
    net::HttpResponse answer;
    const json::value* status = sample.if_contains("status");
    answer.status = status ? status->to_number<int>() : 200;
    answer.body = json::serialize(sample.at("body"));
    answer.headers.push_back({"content-type", "application/json", false});
    answers.push_back(std::move(answer));
  }
  return answers;
}

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
      if (auto played = play_all(**instance, service, given, {answers, {}, false}); !played)
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
                    const json::object& given, const Prompt& recorded) {
    const auto offer = stage_.describe(instance);
    if (!offer) return Error(offer.error()).in("service '" + service.name + "'");
    route::Service row;
    take_offer(*offer, service, row);
    if (!row.unavailable.empty())
      return invalid("service '" + service.name + "': " + row.unavailable);
    const std::size_t before = jobs_.size();
    for (const plugin::OfferedOperation& offered : offer->operations) {
      offered_.push_back(offered.name);
      if (!row.offers(offered.name)) continue;
      if (!rehearsal_.operation.empty() && rehearsal_.operation != offered.name) continue;
      auto task = task_for(service, offered, given);
      if (!task) return std::move(task).error();
      Prompt prompt = recorded;
      if (recorded.answers.empty()) prompt = {sample_answers(offered.samples, false), {}, true};
      prompt.beside = sample_answers(offered.samples, true);
      auto job = play(instance, service, offered.name, *task, prompt);
      if (!job) return std::move(job).error();
      if (recorded.answers.empty()) play_rest(instance, *job, *task, offered, offer->recover);
      jobs_.push_back(std::move(*job));
    }
    if (recorded.answers.empty() && jobs_.size() > before)
      append(jobs_.back().requests, stage_.probe(instance));
    return {};
  }

  result<BoundTask> task_for(const ServiceConfig& service, const plugin::OfferedOperation& offered,
                             const json::object& given) {
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
    return task;
  }

  result<RehearsedJob> play(plugin::Instance& instance, const ServiceConfig& service,
                            const std::string& operation, const BoundTask& task,
                            const Prompt& prompt) {
    RehearsedJob job{service.name, operation, json::serialize(task.params), {}, {}, {}, {}, {}};
    stage_.prompter.expect(prompt, "asks");
    auto outcome = stage_.play(instance, operation, task);
    if (!outcome) return std::move(outcome).error();
    job.requests = stage_.prompter.requests;
    if (stage_.prompter.waits || prompt.made_up) return job;
    job.outcome = to_string(outcome->outcome);
    job.message = outcome->message;
    if (outcome->outcome == Outcome::ok) job.outputs_json = json::serialize(outcome->outputs);
    if (outcome->cost) job.cost = outcome->cost->to_string();
    job.cost_estimated = outcome->cost_is_estimated;
    return job;
  }

  // A second job is cancelled after its order, or while that is open; a third one is looked up.
  void play_rest(plugin::Instance& instance, RehearsedJob& job, const BoundTask& task,
                 const plugin::OfferedOperation& offered, plugin::Recover recover) {
    Prompt order{sample_answers(offered.samples, false), sample_answers(offered.samples, true),
                 true};
    const Prompt at_cancel{order.beside, {}, true};
    if (order.answers.size() > 1 || !order.beside.empty()) {
      order.answers.resize(order.beside.empty() ? 1 : 0);
      stage_.prompter.expect(std::move(order), "asks");
      if (stage_.play(instance, job.operation, task) && stage_.prompter.waits)
        append(job.requests, stage_.cancel(instance, at_cancel));
    }
    if (recover == plugin::Recover::key)
      append(job.requests, stage_.find(instance, job.operation, task));
  }

  static void append(std::vector<RehearsedRequest>& requests, std::vector<RehearsedRequest> more) {
    std::ranges::move(more, std::back_inserter(requests));
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
