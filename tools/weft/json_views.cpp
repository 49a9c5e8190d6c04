// SPDX-License-Identifier: Apache-2.0
#include "json_views.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "base/time.hpp"
#include "projection_text.hpp"

namespace weft::cli {
namespace {

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value time_or_null(const std::optional<TimePoint>& at) {
  return at ? json::value(weft::to_string(*at)) : json::value(nullptr);
}

json::array texts(const std::vector<std::string>& list) {
  return json::array(list.begin(), list.end());
}

json::object diagnostic_json(const Diagnostic& diagnostic) {
  return {{"file", text_or_null(diagnostic.position.file)}, {"line", diagnostic.position.line},
          {"column", diagnostic.position.column},           {"message", diagnostic.message},
          {"remedy", text_or_null(diagnostic.remedy)},      {"warning", diagnostic.warning}};
}

json::array diagnostics_json(const std::vector<Diagnostic>& diagnostics) {
  json::array array;
  for (const Diagnostic& diagnostic : diagnostics) array.push_back(diagnostic_json(diagnostic));
  return array;
}

json::object planned_task_json(const PlannedTask& task) {
  return {{"name", task.name},
          {"operation", task.operation},
          {"group", task.group},
          {"services", texts(task.services)},
          {"estimate", text_or_null(task.estimate)},
          {"forecast", task.group ? json::value(nullptr) : to_json(task.forecast)},
          {"waits_for", texts(task.waits_for)},
          {"later", task.later}};
}

json::value number_or_null(std::uint64_t number) {
  return number == 0 ? json::value() : json::value(number);
}

json::object usage_json(const UsageView& usage) {
  return {{"cpu_ms", number_or_null(static_cast<std::uint64_t>(usage.cpu_ms))},
          {"memory_bytes", number_or_null(usage.memory_bytes)},
          {"gpu_memory_bytes", number_or_null(usage.gpu_memory_bytes)},
          {"queue_place", number_or_null(usage.queue_place)}};
}

json::object attempt_json(const AttemptView& attempt) {
  return {{"number", attempt.number},
          {"service", attempt.service},
          {"outcome", text_or_null(attempt.outcome)},
          {"message", text_or_null(attempt.message)},
          {"started_at", weft::to_string(attempt.started_at)},
          {"ended_at", time_or_null(attempt.ended_at)},
          {"cost", text_or_null(attempt.cost)},
          {"cost_estimated", attempt.cost_estimated},
          {"usage", usage_json(attempt.usage)}};
}

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::machine:
      return "machine";
    case ErrorKind::failed:
      return "failed";
    case ErrorKind::internal:
      break;
  }
  return "internal";
}

}  // namespace

json::value parsed(const std::string& text) {
  if (text.empty()) return nullptr;
  boost::system::error_code problem;
  json::value value = json::parse(text, problem);
  return problem ? json::value(text) : value;
}

std::string readable(const json::value& value) {
  std::string text;
  if (value.is_double()) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value.get_double()).ptr;
    return std::string(digits, end);
  }
  if (value.is_array()) {
    for (const json::value& element : value.get_array())
      text += (text.empty() ? "" : ", ") + readable(element);
    return "[" + text + "]";
  }
  if (value.is_object()) {
    for (const auto& [key, member] : value.get_object())
      text += (text.empty() ? "" : ", ") + json::serialize(key) + ": " + readable(member);
    return "{" + text + "}";
  }
  return json::serialize(value);
}

json::object to_json(const PlanView& plan) {
  json::array tasks;
  for (const PlannedTask& task : plan.tasks) tasks.push_back(planned_task_json(task));
  return {{"pipeline", plan.pipeline},
          {"tasks", std::move(tasks)},
          {"outputs", texts(plan.outputs)},
          {"projection", to_json(plan.projection)},
          {"warnings", diagnostics_json(plan.warnings)}};
}

json::object to_json(const MadeProductView& product) {
  return {{"name", product.name},
          {"operation", text_or_null(product.operation)},
          {"make", product.make},
          {"reason", product.reason},
          {"task", text_or_null(product.task)},
          {"made_of", texts(product.made_of)},
          {"services", texts(product.services)},
          {"estimate", text_or_null(product.estimate)},
          {"forecast", product.make ? to_json(product.forecast) : json::value(nullptr)},
          {"digest", text_or_null(product.digest)}};
}

json::object to_json(const MakingView& making) {
  return {{"project", making.project},
          {"products", to_json(making.products)},
          {"goals", texts(making.goals)},
          {"to_make", making.to_make},
          {"cost", text_or_null(making.cost)},
          {"unknown_costs", making.unknown_costs},
          {"projection", to_json(making.projection)},
          {"run", text_or_null(making.run)},
          {"carries_on", making.carries_on},
          {"limit", text_or_null(making.limit)}};
}

json::object to_json(const ProductVersionView& version) {
  return {{"name", version.name},
          {"run", version.run},
          {"task", version.task},
          {"state", version.state},
          {"current", version.current},
          {"pinned", version.pinned},
          {"rejected", version.rejected},
          {"digest", text_or_null(version.digest)},
          {"media_type", text_or_null(version.media_type)},
          {"file_name", text_or_null(version.file_name)}};
}

json::object to_json(const RunView& run) {
  json::object tasks;
  for (const auto& [state, count] : run.tasks) tasks[state] = count;
  json::object output_errors;
  for (const auto& [name, why] : run.output_errors) output_errors[name] = why;
  return {{"id", run.id},
          {"pipeline", run.pipeline},
          {"state", run.state},
          {"reason", text_or_null(run.reason)},
          {"cancelling", run.cancelling},
          {"created_at", weft::to_string(run.created_at)},
          {"ended_at", time_or_null(run.ended_at)},
          {"tasks", std::move(tasks)},
          {"spent", text_or_null(run.spent)},
          {"reserved", text_or_null(run.reserved)},
          {"limit", text_or_null(run.limit)},
          {"owner", text_or_null(run.owner)},
          {"unattended", run.unattended},
          {"outputs", parsed(run.outputs_json)},
          {"output_errors", std::move(output_errors)},
          {"forked_from", text_or_null(run.forked_from)},
          {"replaced_by", text_or_null(run.replaced_by)}};
}

json::object to_json(const TaskView& task) {
  return {{"number", task.number},
          {"name", task.name},
          {"operation", task.operation},
          {"group", task.group},
          {"item_count", task.item_count},
          {"state", task.state},
          {"unattended", task.unattended},
          {"why", text_or_null(task.why)},
          {"service", text_or_null(task.service)},
          {"attempt", task.attempt},
          {"permille", task.permille < 0 ? json::value(nullptr) : json::value(task.permille)},
          {"stage", text_or_null(task.stage)},
          {"started_at", time_or_null(task.started_at)},
          {"ended_at", time_or_null(task.ended_at)},
          {"cost", text_or_null(task.cost)}};
}

json::object to_json(const TaskDetail& detail) {
  json::array attempts;
  for (const AttemptView& attempt : detail.attempts) attempts.push_back(attempt_json(attempt));
  return {{"task", to_json(detail.task)},
          {"attempts", std::move(attempts)},
          {"decision", parsed(detail.decision_json)},
          {"outputs", parsed(detail.outputs_json)},
          {"cache", json::array(detail.cache.begin(), detail.cache.end())},
          {"question", parsed(detail.question_json)}};
}

json::object to_json(const EventView& event) {
  return {{"cursor", event.cursor},
          {"run", text_or_null(event.run)},
          {"run_seq", event.run_seq},
          {"at", weft::to_string(event.at)},
          {"type", event.type},
          {"task", text_or_null(event.task)},
          {"data", parsed(event.data_json)}};
}

json::object to_json(const UseView& use) {
  return {{"operation", text_or_null(use.operation)},
          {"ended", use.ended},
          {"succeeded", use.succeeded},
          {"faults", use.faults},
          {"p50_ms", use.p50_ms},
          {"p95_ms", use.p95_ms},
          {"waited_ms", use.waited_ms},
          {"cost", text_or_null(use.cost)},
          {"usage", usage_json(use.usage)}};
}

json::object to_json(const ServiceView& service) {
  return {{"name", service.name},
          {"component", service.component},
          {"operations", texts(service.operations)},
          {"slot_class", service.slot_class},
          {"slots", service.slots},
          {"concurrency", service.concurrency},
          {"price", service.price},
          {"placeholder", service.placeholder},
          {"unavailable", text_or_null(service.unavailable)},
          {"enabled", service.enabled},
          {"health", service.health},
          {"health_reason", text_or_null(service.health_reason)},
          {"open_until", time_or_null(service.open_until)},
          {"paused_until", time_or_null(service.paused_until)},
          {"in_flight", service.in_flight},
          {"use", to_json(service.use)}};
}

json::object to_json(const FoundServerView& server) {
  return {{"kind", server.kind}, {"url", server.url}};
}

json::object to_json(const PluginView& plugin) {
  return {{"file", plugin.file.string()},
          {"id", plugin.id},
          {"version", plugin.version},
          {"components", texts(plugin.components)},
          {"problem", text_or_null(plugin.problem)}};
}

json::object to_json(const SecretView& secret) {
  json::object object{{"name", secret.name},
                      {"source", secret.source},
                      {"hint", secret.hint},
                      {"missing", secret.missing},
                      {"services", json::array(secret.services.begin(), secret.services.end())}};
  if (secret.source == "store") object["number"] = secret.number;
  if (secret.created_at) object["created_at"] = to_string(*secret.created_at);
  return object;
}
json::object to_json(const RehearsedRequest& request) {
  json::array headers;
  for (const auto& [name, value] : request.headers)
    headers.push_back(json::object{{"name", name}, {"value", value}});
  return {{"step", request.step},
          {"method", request.method},
          {"url", request.url},
          {"headers", std::move(headers)},
          {"body", text_or_null(request.body)},
          {"made_up_answer", parsed(request.made_up)}};
}
json::object to_json(const RehearsedJob& job) {
  return {{"service", job.service},
          {"operation", job.operation},
          {"params", parsed(job.params_json)},
          {"requests", to_json(job.requests)},
          {"outcome", text_or_null(job.outcome)},
          {"message", text_or_null(job.message)},
          {"outputs", parsed(job.outputs_json)},
          {"cost", text_or_null(job.cost)},
          {"cost_estimated", job.cost_estimated}};
}
json::object to_json(const CheckView& check) {
  return {{"name", check.name}, {"passed", check.passed}, {"message", text_or_null(check.message)}};
}

json::object to_json(const ArtifactView& artifact) {
  return {{"digest", artifact.digest},         {"size_bytes", artifact.size_bytes},
          {"media_type", artifact.media_type}, {"name", artifact.name},
          {"run", text_or_null(artifact.run)}, {"task", text_or_null(artifact.task)}};
}

json::object to_json(const CleaningReport& report) {
  return {{"runs", texts(report.runs)},
          {"runs_kept_for_paid", texts(report.runs_kept_for_paid)},
          {"results", report.results},
          {"blobs", report.blobs},
          {"blob_bytes", report.blob_bytes}};
}

json::object to_json(const Error& error) {
  json::object body{{"kind", name_of(error.kind)},
                    {"message", error.message},
                    {"remedy", text_or_null(error.remedy)},
                    {"diagnostics", diagnostics_json(error.diagnostics)},
                    {"exit_code", exit_code(error)}};
  return {{"error", std::move(body)}};
}

}  // namespace weft::cli
