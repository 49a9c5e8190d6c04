// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "model/definition_parts.hpp"
#include "model/inputs.hpp"

namespace weft {
namespace {

json::array sorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  json::array array;
  for (const std::string& word : words) array.emplace_back(word);
  return array;
}

void put(json::object& table, std::string_view key, const std::optional<Duration>& span) {
  if (span) table[key] = to_string(*span);
}

void put(json::object& table, std::string_view key, json::object value) {
  if (!value.empty()) table[key] = std::move(value);
}

json::object retry_form(const RetryPolicy& retry) {
  const RetryPolicy standard;
  json::object table;
  if (retry.attempts != standard.attempts)
    table["attempts"] = std::int64_t{retry.attempts};  // as JSON reads it
  if (retry.backoff != standard.backoff) table["backoff"] = to_string(retry.backoff);
  if (retry.max_backoff != standard.max_backoff)
    table["max_backoff"] = to_string(retry.max_backoff);
  return table;
}

json::object timeout_form(const Timeouts& timeouts) {
  json::object table;
  put(table, "queue", timeouts.queue);
  put(table, "start", timeouts.start);
  put(table, "run", timeouts.run);
  put(table, "total", timeouts.total);
  return table;
}

json::object route_form(const RouteSettings& route) {
  constexpr std::array<std::string_view, 3> rebuy_words{"never", "after_cancel", "allow"};
  json::object table;
  if (route.max_cost) table["max_cost"] = route.max_cost->to_string();
  if (route.rebuy != Rebuy::never)
    table["rebuy"] = rebuy_words[static_cast<std::size_t>(route.rebuy)];
  if (route.refusal == Refusal::next) table["refusal"] = "next";
  if (!route.adapt.empty()) table["adapt"] = sorted(route.adapt);
  if (!route.degrade.empty()) {
    json::array services;  // their order is that of preference
    for (const std::string& service : route.degrade) services.emplace_back(service);
    table["degrade"] = std::move(services);
  }
  return table;
}

void put(json::object& table, std::string_view key, const CacheSettings& cache) {
  if (cache.off)
    table[key] = "off";
  else if (cache.ttl)
    table[key] = json::object{{"ttl", to_string(*cache.ttl)}};
}

json::object task_form(const Pipeline& pipeline, const TaskDefinition& task) {
  json::object table;
  if (task.body && task.cases.empty()) table["pipeline"] = task.body->canonical;
  if (task.choice) table["switch"] = task.choice->text();
  json::object cases;
  for (const auto& [name, body] : task.cases) cases[name] = body->canonical;
  put(table, "cases", std::move(cases));
  if (task.wait) table = wait_form(task);
  if (task.for_each) table["for_each"] = task.for_each->text();
  if (task.limit != 0) table["limit"] = std::int64_t{task.limit};
  if (task.min_success_permille != 1000)
    table["min_success"] = static_cast<double>(task.min_success_permille) / 1000;
  if (task.repeat_until) {
    table["repeat_until"] = task.repeat_until->text();
    table["repeat_at_most"] = std::int64_t{task.rounds_at_most};
  }
  if (task.condition) table["if"] = task.condition->text();
  if (task.occasion == Occasion::on_failure) table["on_failure"] = true;
  if (task.occasion == Occasion::finally) table["finally"] = true;
  if (task.operation && !task.wait) {
    table["operation"] = task.operation->name;
    json::value params = task.params.source();
    task.operation->params.convert_numbers(params);  // 1 and 1.0 are one where a number is asked
    put(table, "params", params.get_object());
  }
  if (!task.wait) put(table, "inputs", task.inputs.source().get_object());
  std::vector<std::string> needs;
  for (const std::uint32_t need : task.needs) needs.push_back(pipeline.tasks[need].name);
  if (!needs.empty()) table["needs"] = sorted(std::move(needs));
  if (task.priority != 0) table["priority"] = task.priority;
  if (!task.concurrency.empty()) table["concurrency"] = task.concurrency;
  put(table, "retry", retry_form(task.retry));
  put(table, "timeout", timeout_form(task.timeouts));
  put(table, "route", route_form(task.route));
  put(table, "cache", task.cache);
  return table;
}

}  // namespace

// What has its default is left out, so writing a default down changes nothing.
json::value canonical_form(const Pipeline& pipeline) {
  json::object head{{"name", pipeline.name}};
  put(head, "timeout", pipeline.timeout);
  json::object inputs, tasks, outputs;
  for (const InputDeclaration& input : pipeline.inputs) inputs[input.name] = input_form(input);
  for (const TaskDefinition& task : pipeline.tasks) tasks[task.name] = task_form(pipeline, task);
  for (const OutputDeclaration& output : pipeline.outputs)
    outputs[output.name] = output.value.source();
  json::object form{{"pipeline", std::move(head)}, {"tasks", std::move(tasks)}};
  put(form, "inputs", std::move(inputs));
  put(form, "outputs", std::move(outputs));
  return form;
}

}  // namespace weft
