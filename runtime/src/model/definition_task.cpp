// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "model/definition_parts.hpp"

namespace weft {
namespace {

void read_retry(TableReader& task, RetryPolicy& retry) {
  if (!task.any("retry")) return;  // as most tasks have none, nothing is made for it
  auto table = task.table("retry", "retry of " + task.what());
  if (!table) return;
  constexpr std::int64_t attempts_at_most = 100;
  if (const auto attempts = table->integer("attempts", 1, attempts_at_most))
    retry.attempts = static_cast<std::uint32_t>(*attempts);
  if (const auto backoff = table->duration("backoff")) retry.backoff = *backoff;
  if (const auto longest = table->duration("max_backoff"))
    retry.max_backoff = *longest;
  else
    retry.max_backoff = std::max(retry.max_backoff, retry.backoff);
  if (retry.backoff > retry.max_backoff)
    table->wrong("max_backoff", "'max_backoff' is shorter than 'backoff'",
                 "make it at least " + to_string(retry.backoff));
  table->finish();
}

void read_timeout(TableReader& task, Timeouts& timeouts) {
  const json::value* value = task.any("timeout");
  if (!value) return;
  if (value->is_string()) {
    timeouts.total = task.duration("timeout");
  } else if (auto table = task.table("timeout", "timeout of " + task.what())) {
    timeouts.queue = table->duration("queue");
    timeouts.start = table->duration("start");
    timeouts.run = table->duration("run");
    timeouts.total = table->duration("total");
    table->finish();
  }
}

// Params of the operation, by name; what only a component knows is not among them.
void read_adapt(TableReader& table, const Operation* operation, RouteSettings& route) {
  route.adapt = table.texts("adapt");
  if (!operation) return;
  std::vector<std::string> known;
  if (const json::value* properties = find_member(operation->params.source(), "properties"))
    for (const auto& property : properties->get_object())
      if (property.key() != "options") known.emplace_back(property.key());
  for (std::size_t i = 0; i < route.adapt.size(); ++i)
    if (std::find(known.begin(), known.end(), route.adapt[i]) == known.end())
      table.mistakes().add(
          table.document().value_position(
              child_pointer(table.pointer_of("adapt"), std::to_string(i))),
          "'" + operation->name + "' has no param '" + excerpt(route.adapt[i], 60) + "'",
          suggest(route.adapt[i], known));
}

void read_route(TableReader& task, const DefinitionContext& context, TaskDefinition& definition) {
  if (!task.any("route")) return;
  RouteSettings& route = definition.route;
  auto table = task.table("route", "route of " + task.what());
  if (!table) return;
  route.max_cost = table->money("max_cost", context.currency);
  if (const auto rebuy = table->word("rebuy", {"never", "after_cancel", "allow"}))
    route.rebuy = static_cast<Rebuy>(*rebuy);
  if (const auto refusal = table->word("refusal", {"stop", "next"}))
    route.refusal = static_cast<Refusal>(*refusal);
  read_adapt(*table, definition.operation.get(), route);
  route.degrade = table->texts("degrade");
  for (std::size_t i = 0; i < route.degrade.size(); ++i)
    if (std::find(context.services.begin(), context.services.end(), route.degrade[i]) ==
        context.services.end())
      table->mistakes().add(table->document().value_position(
                                child_pointer(table->pointer_of("degrade"), std::to_string(i))),
                            "there is no service '" + excerpt(route.degrade[i], 60) + "'",
                            suggest(route.degrade[i], context.services));
  table->not_supported("objective", "leave it out: services are tried in the order of the config");
  table->not_supported("floor", "leave it out: quality is not measured yet");
  table->finish();
}

void read_cache(TableReader& task, TaskDefinition& definition) {
  const json::value* value = task.any("cache");
  if (!value) return;
  CacheSettings& cache = definition.cache;
  if (value->is_string()) {
    cache.off = task.word("cache", {"off"}).has_value();
  } else if (auto table = task.table("cache", "cache of " + task.what())) {
    cache.ttl = table->duration("ttl");
    table->finish();
  }
  if (!cache.off && definition.operation && definition.operation->reuse == Reuse::never)
    task.mistakes().add(task.key_position("cache"),
                        "the results of '" + definition.operation->name + "' are never taken again",
                        "leave 'cache' out");
}

void read_needs(TableReader& task, TaskDraft& draft) {
  const std::vector<std::string> names = task.texts("needs");
  for (std::size_t i = 0; i < names.size(); ++i)
    draft.needs.push_back({names[i], task.document().value_position(child_pointer(
                                         task.pointer_of("needs"), std::to_string(i)))});
}

// How many items, and how many of them are enough.
void read_items(TableReader& table, TaskDraft& draft) {
  TaskDefinition& task = draft.task;
  constexpr std::int64_t limit_at_most = 1'000'000;
  if (const auto limit = table.integer("limit", 1, limit_at_most))
    task.limit = static_cast<std::uint32_t>(*limit);
  constexpr double permille = 1000;
  if (const auto share = table.share("min_success"))
    task.min_success_permille = static_cast<std::uint32_t>(std::lround(*share * permille));
  for (const std::string_view key : {"limit", "min_success"})
    if (table.has(key) && !draft.has_items)
      table.wrong(key, "'" + std::string(key) + "' is about the items of a for_each",
                  "give the task a for_each, or leave it out");
}

void read_rounds(TableReader& table, TaskDraft& draft) {
  constexpr std::int64_t rounds_at_most = 1000;
  const auto rounds = table.integer("repeat_at_most", 1, rounds_at_most);
  if (rounds) draft.task.rounds_at_most = static_cast<std::uint32_t>(*rounds);
  if (draft.has_rounds && !table.has("repeat_at_most"))
    table.wrong("repeat_until", "a repetition needs an end",
                "say how often at most: repeat_at_most = 5");
  if (!draft.has_rounds && table.has("repeat_at_most"))
    table.wrong("repeat_at_most", "there is no 'repeat_until'", "say when it is enough");
  if (draft.has_rounds && draft.has_items)
    table.wrong("repeat_until", "a task has either for_each or repeat_until",
                "repeat within a pipeline, and use that for each item");
}

void read_occasion(TableReader& table, TaskDefinition& task) {
  const bool on_failure = table.boolean("on_failure").value_or(false);
  const bool finally = table.boolean("finally").value_or(false);
  if (on_failure && finally)
    table.wrong("on_failure", "'on_failure' and 'finally' exclude each other",
                "a task with finally = true runs after a failure too");
  if (on_failure) task.occasion = Occasion::on_failure;
  if (finally) task.occasion = Occasion::finally;
  if ((on_failure || finally) && (table.has("use") || table.has("pipeline") || table.has("cases")))
    table.wrong(on_failure ? "on_failure" : "finally",
                "a task that uses a pipeline cannot run once nothing else moves",
                "give it an operation of its own");
}

void read_operation(TableReader& table, const DefinitionContext& context, TaskDefinition& task) {
  const json::string* name = table.text("operation");
  if (!name) return;
  task.operation = context.operations.find(*name);
  if (!task.operation)
    table.wrong("operation", "unknown operation '" + excerpt(*name, 60) + "'",
                suggest(*name, context.operations.names()));
}

void read_class(TableReader& table, const DefinitionContext& context, TaskDefinition& task) {
  const json::string* name = table.text("concurrency");
  if (!name) return;
  task.concurrency = std::string(*name);
  if (std::find(context.classes.begin(), context.classes.end(), task.concurrency) ==
      context.classes.end())
    table.wrong("concurrency", "there is no class '" + excerpt(task.concurrency, 60) + "'",
                context.classes.empty() ? "name one under [classes] of the config"
                                        : suggest(task.concurrency, context.classes));
}

// The work of a body is that of its tasks: these have their own.
void refuse_keys_of_work(TableReader& table) {
  for (const std::string_view key :
       {"operation", "params", "retry", "timeout", "route", "priority", "concurrency"})
    if (table.has(key))
      table.wrong(key, "'" + std::string(key) + "' is for a task with an operation of its own",
                  "write it into the tasks of the pipeline that is used");
}

}  // namespace

void read_task_keys(TableReader& table, const DefinitionContext& context, TaskDraft& draft) {
  TaskDefinition& task = draft.task;
  const bool has_body =
      table.has("use") || table.has("pipeline") || table.has("cases") || table.has("switch");
  for (const std::string_view key : {"use", "pipeline", "cases", "approve", "wait_for"})
    table.any(key);  // read with the outline
  if (table.has("switch") != table.has("cases"))
    table.wrong(table.has("switch") ? "switch" : "cases", "'switch' and 'cases' go together",
                "switch = \"inputs.style\" and cases = { drawn = \"a\", default = \"b\" }");
  read_needs(table, draft);
  read_timeout(table, task.timeouts);
  read_items(table, draft);
  read_rounds(table, draft);
  read_occasion(table, task);
  if (task.wait) return check_wait_keys(table, draft);
  if (has_body)
    refuse_keys_of_work(table);
  else
    table.require("operation", "say what it does: operation = \"image.generate\"");
  read_operation(table, context, task);
  constexpr std::int64_t priority_at_most = 100;
  if (const auto priority = table.integer("priority", -priority_at_most, priority_at_most))
    task.priority = static_cast<std::int32_t>(*priority);
  read_class(table, context, task);
  read_retry(table, task.retry);
  read_route(table, context, task);
  read_cache(table, task);
}

}  // namespace weft
