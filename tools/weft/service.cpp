// SPDX-License-Identifier: Apache-2.0
// weft service: what a described service would send, a try of it, and out of use with it.
#include <boost/json/serialize.hpp>
#include <ostream>
#include <sstream>

#include "commands.hpp"
#include "follow.hpp"
#include "inputs.hpp"
#include "json_views.hpp"
#include "outputs.hpp"
#include "report.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct CheckOptions {
  std::string file;
  std::string operation;
  std::vector<std::string> params;
  std::vector<std::string> answers;
  std::vector<int> status;
  std::vector<std::string> headers;
};

struct TryOptions {
  std::string file;
  std::string operation;
  std::vector<std::string> params;
  std::vector<std::string> inputs;
  std::string max_cost;
  std::string output = ".";
};

// `-p name=value`: the value is JSON where it is JSON, else a text.
result<json::object> params_of(const std::vector<std::string>& given) {
  json::object params;
  for (const std::string& one : given) {
    const auto equals = one.find('=');
    if (equals == std::string::npos || equals == 0)
      return invalid("'" + one + "' is no param", "write name=value");
    const std::string text = one.substr(equals + 1);
    const auto value = parse_json(text);
    params[one.substr(0, equals)] = value ? *value : json::value(text);
  }
  return params;
}

// ---------------------------------------------------------------- check

// The n-th status goes with the n-th answer, the headers with the last one.
result<std::vector<RecordedAnswer>> answers_of(const CheckOptions& options) {
  std::vector<RecordedAnswer> answers;
  for (const std::string& file : options.answers) answers.push_back({file, 200, {}});
  if (options.status.size() > answers.size() || (answers.empty() && !options.headers.empty()))
    return invalid("there is no answer that the status or header is of", "give it: --answer FILE");
  for (std::size_t i = 0; i < options.status.size(); ++i) answers[i].status = options.status[i];
  for (const std::string& header : options.headers) {
    const auto colon = header.find(':');
    if (colon == std::string::npos || colon == 0)
      return invalid("'" + header + "' is no header", "write it as --header 'retry-after: 30'");
    const auto begin = header.find_first_not_of(' ', colon + 1);
    answers.back().headers.emplace_back(
        header.substr(0, colon), begin == std::string::npos ? std::string() : header.substr(begin));
  }
  return answers;
}

std::string indented(const std::string& text, const std::string& indent) {
  std::string lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines += indent + line + "\n";
  return lines;
}

// JSON with a line for each member of the outermost object, anything else as it stands.
std::string body_text(const std::string& body) {
  const auto value = parse_json(body);
  if (!value || !value->is_object()) return indented(body, "      ");
  std::string lines = "      {\n";
  std::size_t left = value->get_object().size();
  for (const auto& [name, member] : value->get_object())
    lines += "        " + json::serialize(json::string(name)) + ": " + readable(member) +
             (--left > 0 ? ",\n" : "\n");
  return lines + "      }\n";
}

void print_job(Context& context, const RehearsedJob& job) {
  std::ostream& out = context.out();
  out << paint(job.service, Tone::strong, context.color()) << "  " << job.operation << "\n"
      << "  params   " << readable(parsed(job.params_json)) << "\n";
  for (const RehearsedRequest& request : job.requests) {
    out << "  " << request.step << std::string(9 - request.step.size(), ' ') << request.method
        << " " << request.url << "\n";
    for (const auto& [name, value] : request.headers)
      out << "      " << name << ": " << value << "\n";
    if (!request.body.empty()) out << body_text(request.body);
    if (!request.made_up.empty()) out << "  made up  " << readable(parsed(request.made_up)) << "\n";
  }
  if (!job.outcome.empty()) {
    const Tone tone = job.outcome == "ok" ? Tone::good : Tone::bad;
    out << "  outcome  " << paint(job.outcome, tone, context.color())
        << (job.message.empty() ? "" : ": " + one_line(job.message)) << "\n";
    for (const OutputItem& item : output_items(job.outputs_json))
      out << "  output   " << item.name << ": "
          << (item.digest.empty()
                  ? item.json
                  : item.media_type + ", " + std::to_string(item.size_bytes) + " bytes")
          << "\n";
    out << "  cost     "
        << (job.cost.empty() ? "unknown"
                             : job.cost + (job.cost_estimated ? ", estimated" : ", as billed"))
        << "\n";
  }
}

result<int> check(Context& context, const CheckOptions& options) {
  Rehearsal rehearsal;
  rehearsal.file = options.file;
  rehearsal.operation = options.operation;
  const auto params = params_of(options.params);
  if (!params) return params.error();
  rehearsal.params_json = json::serialize(*params);
  auto answers = answers_of(options);
  if (!answers) return answers.error();
  rehearsal.answers = std::move(*answers);
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto jobs = (*runtime)->rehearse(rehearsal);
  if (!jobs) return jobs.error();
  if (context.options.json) {
    context.print(json::object{{"operations", to_json(*jobs)}});
    return 0;
  }
  for (const RehearsedJob& job : *jobs) print_job(context, job);
  context.out() << options.file << ": " << count_of(jobs->size(), "operation") << ", no mistakes\n"
                << std::flush;
  return 0;
}

// ---------------------------------------------------------------- try

// The texts of a definition that mean themselves, whatever they hold.
void escape(json::value& param) {
  if (param.is_object())
    for (auto& member : param.get_object()) escape(member.value());
  if (param.is_array())
    for (json::value& element : param.get_array()) escape(element);
  if (!param.is_string()) return;
  json::string& text = param.get_string();
  for (std::size_t at = text.find("${"); at != json::string::npos; at = text.find("${", at + 3))
    text.insert(at, "$");
}

// A definition with one task, which is tried once.
result<Submission> submission_of(const TryOptions& options) {
  auto params = params_of(options.params);
  if (!params) return params.error();
  for (auto& param : *params) escape(param.value());
  auto given = parse_inputs(options.inputs);
  if (!given) return given.error();
  json::object declared, inputs;
  for (const auto& [name, value] : *given) {
    if (value.file.empty() && value.list.empty())
      return invalid("input '" + name + "' is no file", "write -i " + name + "=@FILE");
    const json::value artifact = json::object{{"type", "artifact"}};
    declared[name] = value.list.empty()
                         ? artifact
                         : json::value(json::object{{"type", "array"}, {"items", artifact}});
    inputs[name] = "${inputs." + name + "}";
  }
  Submission submission;
  submission.definition = json::serialize(json::object{
      {"pipeline", json::object{{"name", "service_try"}}},
      {"inputs", declared},
      {"tasks", json::object{{"try", json::object{{"operation", options.operation},
                                                  {"params", *params},
                                                  {"inputs", inputs},
                                                  {"retry", json::object{{"attempts", 1}}}}}}},
      {"outputs", json::object{{"result", "${tasks.try}"}}}});
  submission.file = "try.json";
  submission.inputs = std::move(*given);
  submission.max_cost = options.max_cost;
  return submission;
}

std::vector<OutputItem> results_of(const RunView& run) {
  const json::value outputs = parsed(run.outputs_json);
  const json::value* result = find_member(outputs, "result");
  return result && result->is_object() ? output_items(json::serialize(*result))
                                       : std::vector<OutputItem>{};
}

// The attempt in words, and each artifact in a file of the folder.
result<int> report_try(Context& context, Runtime& runtime, const RunView& run,
                       const TryOptions& options) {
  const auto detail = runtime.task(run.id, "try");
  if (!detail) return detail.error();
  const std::vector<OutputItem> items = results_of(run);
  json::object saved;
  for (const OutputItem& item : items) {
    if (item.digest.empty()) continue;
    const auto file =
        runtime.artifact(item.digest, std::filesystem::path(options.output) / file_name_of(item));
    if (!file) return file.error();
    saved[item.name] = file->string();
  }
  const AttemptView attempt = detail->attempts.empty() ? AttemptView{} : detail->attempts.back();
  if (context.options.json) {
    context.print(json::object{{"type", "end"},
                               {"task", to_json(*detail)},
                               {"outputs", parsed(run.outputs_json)},
                               {"saved", saved},
                               {"exit_code", exit_code_of(run)}});
    return exit_code_of(run);
  }
  std::ostream& out = context.out();
  out << "service  " << attempt.service << "\n"
      << "outcome  " << (attempt.outcome.empty() ? detail->task.state : attempt.outcome)
      << (attempt.message.empty() ? "" : ": " + one_line(attempt.message)) << "\n";
  for (const OutputItem& item : items)
    out << "output   " << item.name << ": "
        << (item.digest.empty()
                ? item.json
                : item.media_type + ", " + std::string(saved[item.name].as_string()))
        << "\n";
  out << "cost     "
      << (attempt.cost.empty()
              ? "unknown"
              : attempt.cost + (attempt.cost_estimated ? ", estimated" : ", as billed"))
      << "\n"
      << std::flush;
  return exit_code_of(run);
}

result<int> try_it(Context& context, const TryOptions& options) {
  const auto submission = submission_of(options);
  if (!submission) return submission.error();
  std::error_code missing;
  if (!std::filesystem::is_directory(options.output, missing))
    return not_found("there is no folder '" + options.output + "'");
  SignalWatcher signals;
  auto runtime = context.open_to_try(options.file);
  if (!runtime) return runtime.error();
  const Interruptible interruptible(context, **runtime, signals);
  const auto id = (*runtime)->submit(*submission);
  if (!id) return interrupted_or(signals, id.error());
  return follow_to_end(context, **runtime, signals, {*id}, [&](const RunView& end) {
    return report_try(context, **runtime, end, options);
  });
}

// ---------------------------------------------------------------- drain, enable

struct UseOptions {
  std::string service;
  std::string reason;
};

result<int> tell_service(Context& context, const UseOptions& options,
                         const std::function<result<std::string>(Runtime&)>& act) {
  auto runtime = context.open(Role::on_demand);
  if (!runtime) return runtime.error();
  const auto done = act(**runtime);
  if (!done) return done.error();
  if (context.options.json)
    context.print(json::object{{"service", options.service}, {"done", *done}});
  else if (!context.options.quiet)
    context.out() << *done << std::endl;
  return 0;
}

result<int> drain(Context& context, const UseOptions& options) {
  return tell_service(context, options, [&](Runtime& runtime) {
    return runtime.drain_service(options.service, options.reason);
  });
}

result<int> enable(Context& context, const UseOptions& options) {
  return tell_service(context, options,
                      [&](Runtime& runtime) { return runtime.enable_service(options.service); });
}

void add_params(CLI::App& command, std::vector<std::string>& params) {
  command
      .add_option("-p,--param", params,
                  "A param: the value is JSON where it is JSON, else a text; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

void add_check(CLI::App& service, Context& context) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App& command = add_command(
      service, context, "check",
      "Check a file of services, and show what they would send; nothing is sent", options, check);
  command.add_option("FILE", options->file, "TOML with [services.<name>]")->required();
  command.add_option("--operation", options->operation, "Only this one")->type_name("OPERATION");
  add_params(command, options->params);
  command
      .add_option("--answer", options->answers,
                  "A recorded answer to replay: its body; several come one after the other")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--status", options->status, "Of the answer; several as with --answer")
      ->type_name("NUMBER")
      ->check(CLI::Range(100, 599))
      ->allow_extra_args(false);
  command.add_option("--header", options->headers, "Of the last answer; may be repeated")
      ->type_name("NAME:VALUE")
      ->allow_extra_args(false);
  command.footer(
      R"(A mistake is told with line, column and what was probably meant. Params that are not
given are made up from the schema; null leaves one out. A key is shown as
{secret:NAME}. Without --answer the answers are made up as well, so that each
request is shown that the file can make: it buys, asks how the job is, fetches the
result, cancels, finds a job again by its key, probes. A result that an answer
names is not fetched: something stands in.

Examples:
  weft service check configs/cloud/runway.toml
  weft service check runway.toml --operation video.from_image -p seconds=5
  weft service check openai.toml --operation image.generate --answer refused.json --status 400)");
}

void add_try(CLI::App& service, Context& context) {
  const auto options = std::make_shared<TryOptions>();
  CLI::App& command = add_command(
      service, context, "try", "Ask a described service for real, once, and show what came of it",
      options, try_it);
  command.add_option("FILE", options->file, "TOML with [services.<name>]")->required();
  command.add_option("--operation", options->operation, "What to ask for")
      ->type_name("OPERATION")
      ->required();
  add_params(command, options->params);
  command.add_option("-i,--input", options->inputs, "An input: NAME=@FILE; may be repeated")
      ->type_name("NAME=@FILE")
      ->allow_extra_args(false);
  command.add_option("--max-cost", options->max_cost, "What it may cost at most: 0.10")
      ->type_name("AMOUNT");
  command.add_option("-o,--output", options->output, "Folder for what comes; default: this one")
      ->type_name("DIR");
  command.footer(R"(This may cost money. It runs as any task does, durable and with the keys of this
installation, but with the services of FILE alone; what happened is kept in the folder
`tries` of the state folder: weft --state STATE/tries show.

Example:
  weft service try configs/cloud/stability.toml --operation image.generate -p prompt='a heron')");
}

void add_drain(CLI::App& service, Context& context) {
  const auto options = std::make_shared<UseOptions>();
  CLI::App& command =
      add_command(service, context, "drain", "Take a service out of use; what runs there ends well",
                  options, drain);
  command.add_option("NAME", options->service, "Of a configured service")->required();
  command.add_option("--reason", options->reason, "For people")->type_name("TEXT");
  command.footer(
      R"(It begins nothing more until it is enabled, over restarts as well: tasks go to other
services, or wait. 'weft services' shows when nothing runs there any more.

Examples:
  weft service drain comfy-a
  weft service drain comfy-a --reason 'new graphics card')");
}

void add_enable(CLI::App& service, Context& context) {
  const auto options = std::make_shared<UseOptions>();
  CLI::App& command = add_command(
      service, context, "enable",
      "Take a service back into use; one that is left alone may be tried at once", options, enable);
  command.add_option("NAME", options->service, "Of a configured service")->required();
  command.footer("Example:\n  weft service enable comfy-a");
}

}  // namespace

void add_try_commands(CLI::App& app, Context& context) {
  CLI::App* service = app.add_subcommand(
      "service", "Take a service out of use and back; check a description of one, and try it");
  service->require_subcommand(1);
  add_check(*service, context);
  add_try(*service, context);
  add_drain(*service, context);
  add_enable(*service, context);
}

}  // namespace weft::cli
