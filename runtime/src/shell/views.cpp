// SPDX-License-Identifier: Apache-2.0
#include "shell/views.hpp"

#include <boost/json/serialize.hpp>
#include <map>

#include "route/closure.hpp"
#include "route/limits.hpp"
#include "shell/environment.hpp"

namespace weft::shell {
namespace {

std::string join_money(const std::map<Currency, std::int64_t>& micros_by_currency) {
  std::string text;
  for (const auto& [currency, micros] : micros_by_currency) {
    if (micros == 0) continue;
    if (!text.empty()) text += " + ";
    text += Money{micros, currency}.to_string();
  }
  return text;
}

std::string last_message(const store::TaskDetail& detail) {
  for (auto attempt = detail.attempts.rbegin(); attempt != detail.attempts.rend(); ++attempt)
    if (!attempt->message.empty()) return attempt->service + ": " + attempt->message;
  return {};
}

// What the newest attempt lost of its params: "adapted: seconds 8 becomes 10"; "" nothing.
std::string what_was_lost(const store::TaskDetail& detail) {
  if (detail.decisions.empty()) return {};
  const DecisionRecord& decision = detail.decisions.back();
  const json::value* candidates = find_member(decision.detail, "candidates");
  if (!candidates || !candidates->is_array()) return {};
  for (const json::value& candidate : candidates->get_array()) {
    const json::value* service = find_member(candidate, "service");
    const json::value* adapted = find_member(candidate, "adapted");
    if (service && adapted && adapted->is_string() && *service == json::string(decision.chosen))
      return "adapted: " + std::string(adapted->get_string());
  }
  return {};
}

result<std::string> explain_pending(store::Queries& queries, TaskRef ref) {
  constexpr std::uint32_t shown = 3;
  auto waits_for = queries.dependencies(ref, shown + 1);
  if (!waits_for) return std::move(waits_for).error();
  std::erase_if(*waits_for,
                [](const store::TaskView& task) { return ended_well(task.task.state); });
  if (waits_for->empty())
    return std::string("waits for its turn: its group has a limit, or it comes after all else");
  std::string text = "waits for ";
  for (std::size_t i = 0; i < waits_for->size() && i < shown; ++i) {
    const store::TaskView& task = (*waits_for)[i];
    if (i > 0) text += ", ";
    text += task.label;
    if (task.task.state == TaskState::failed) text += " (failed)";
  }
  if (waits_for->size() > shown) text += " and more";
  return text;
}

std::string explain_ready(const store::TaskDetail& detail, const Surroundings& surroundings) {
  const auto retry_at = detail.task.task.retry_at;
  if (surroundings.run_state == RunState::paused)
    return surroundings.pause_reason == PauseReason::budget
               ? "the run is paused: its limit leaves no room; raise it with 'weft resume "
                 "--max-cost'"
               : "the run is paused";
  if (!surroundings.executed) return "no runtime executes this folder; carry on with 'weft resume'";
  if (retry_at && *retry_at > now() && surroundings.closed.empty())
    return "tries again at " + to_string(*retry_at) + " after " + last_message(detail);
  return surroundings.closed.empty() ? "waits for " + surroundings.slots : surroundings.closed;
}

// "" when it does not wait for the same work of another task.
result<std::string> explain_following(store::Queries& queries, TaskRef ref,
                                      const Surroundings& surroundings) {
  if (!surroundings.executed || surroundings.run_state != RunState::active) return std::string();
  auto own = queries.task_result(ref);
  if (!own) return std::move(own).error();
  if (!*own || !(*own)->waits || !(*own)->origin) return std::string();
  const ResultOrigin& origin = *(*own)->origin;
  return "waits for the same work under way: '" + origin.task + "' of run " +
         origin.run.to_string() + " at " + origin.service;
}

// What may not be asked now, by the rows alone: how the engine has adapted a limit is not in them.
std::vector<route::Exclusion> closed_services(const route::ServiceTable& table,
                                              const ServiceRows& rows) {
  std::vector<route::Exclusion> closed;
  for (route::ServiceIndex i = 0; i < table.services.size(); ++i) {
    const route::Service& service = table.services[i];
    ServiceHealth health;
    for (const ServiceHealth& one : rows.health)
      if (one.service == service.name) health = one;
    route::RateLimit rate(service.limits.rpm);
    rate.restore(health.rate_mark_us);
    std::uint32_t in_flight = 0;
    for (const auto& [name, count] : rows.under_way)
      if (name == service.name) in_flight = count;
    const route::Situation situation{health,
                                     health.paused_until,
                                     rate.is_set() ? rate.next(rows.now) : Timestamp{},
                                     service.limits.concurrency,
                                     false,
                                     in_flight,
                                     false,
                                     route::out_of_use(service.enabled, health.taken_out)};
    const route::Closure closure = route::closure_of(situation, rows.now);
    if (closure.why != route::Closed::no)
      closed.push_back({i, route::text_of(closure, situation, service.limits.rpm),
                        route::obstacle_of(closure.why)});
  }
  return closed;
}

// The names of what is to be given, as somebody types them: "-i mask=@FILE".
std::string options_for(const json::object& question) {
  std::string options;
  const json::value* outputs = question.if_contains("outputs");
  if (!outputs || !outputs->is_object()) return options;
  for (const json::key_value_pair& output : outputs->get_object()) {
    if (find_member(output.value(), "default")) continue;
    const json::value* type = find_member(output.value(), "type");
    options +=
        " -i " + std::string(output.key()) + (type && *type == "artifact" ? "=@FILE" : "=VALUE");
  }
  return options;
}

// What is asked of people, and the command that answers it.
result<std::string> explain_waiting(store::Queries& queries, TaskRef ref,
                                    const store::TaskDetail& detail) {
  auto question = waiting_question(queries, ref);
  if (!question) return std::move(question).error();
  const json::value* message = question->if_contains("message");
  const std::string asked = message && message->is_string() ? std::string(message->get_string())
                                                            : std::string("waits for you");
  const std::string& label = detail.task.label;
  const std::string target = " " + ref.run.to_string() +
                             (label.find('[') != label.npos ? " '" + label + "'" : " " + label);
  if (detail.task.task.wait_reason == WaitReason::input)
    return asked + "; weft give" + target + options_for(*question);
  const json::value* choices = question->if_contains("choices");
  const std::size_t count = choices && choices->is_array() ? choices->get_array().size() : 0;
  return asked + "; weft approve" + target +
         (count > 1 ? " --choose 0…" + std::to_string(count - 1) : "") + ", or weft reject";
}

// A task may fail without an attempt, or for another reason than its last one.
result<std::string> explain_failed(store::Queries& queries, TaskRef ref,
                                   const store::TaskDetail& detail) {
  if (std::string message = last_message(detail); !message.empty()) return message;
  auto data = queries.last_event_of(ref, "task.failed");
  if (!data) return std::move(data).error();
  const json::value* message = data->if_contains("message");
  return message && message->is_string() ? std::string(message->get_string()) : std::string();
}

}  // namespace

result<RunView> show_run(store::Queries& queries, const store::RunView& row, bool executed) {
  RunView view;
  view.id = row.run.id.to_string();
  view.pipeline = row.run.pipeline_name;
  view.state = to_string(row.run.state);
  if (row.run.pause_reason != PauseReason::none) view.reason = to_string(row.run.pause_reason);
  view.cancelling = row.run.cancelling;
  view.created_at = row.run.created_at;
  view.ended_at = row.run.ended_at;
  const bool ended = row.run.ended_at.has_value();
  view.unattended = !ended && !executed;
  if (!ended && executed) view.owner = row.owner;
  if (row.run.limit) view.limit = row.run.limit->to_string();
  auto counts = queries.work_counts(row.run.id);
  if (!counts) return std::move(counts).error();
  for (std::size_t state = 0; state < counts->size(); ++state)
    if ((*counts)[state] > 0)
      view.tasks[std::string(to_string(static_cast<TaskState>(state)))] = (*counts)[state];
  auto ledger = queries.ledger(row.run.id);
  if (!ledger) return std::move(ledger).error();
  std::map<Currency, std::int64_t> spent, reserved;
  for (const store::LedgerTotal& total : *ledger) {
    spent[total.currency] += total.spent_micros;
    reserved[total.currency] += total.reserved_micros;
  }
  view.spent = join_money(spent);
  view.reserved = join_money(reserved);
  const auto forked = queries.forked_from(row.run.id);
  if (!forked) return forked.error();
  if (*forked) view.forked_from = (*forked)->to_string();
  const auto replaced = queries.replaced_by(row.run.id);
  if (!replaced) return replaced.error();
  if (*replaced && (!is_final(row.run.state) || row.run.state == RunState::cancelled))
    view.replaced_by = (*replaced)->to_string();
  auto outputs = queries.run_outputs(row.run.id);
  if (!outputs) return std::move(outputs).error();
  if (outputs->is_null()) return view;
  view.outputs_json = json::serialize(*outputs);
  auto errors = queries.run_output_errors(row.run.id);
  if (!errors) return std::move(errors).error();
  if (errors->is_object())
    for (const auto& [name, why] : errors->get_object())
      view.output_errors[std::string(name)] = why.is_string() ? why.get_string() : "";
  return view;
}

result<json::object> waiting_question(store::Queries& queries, TaskRef ref) {
  auto detail = queries.task(ref);
  if (!detail) return std::move(detail).error();
  const auto asks = [](const TaskRecord& task) {
    return task.state == TaskState::waiting &&
           (task.wait_reason == WaitReason::approval || task.wait_reason == WaitReason::input);
  };
  const TaskRecord& task = detail->task.task;
  if (!task.group) return asks(task) ? queries.last_event_of(ref, "task.waiting") : json::object();
  store::TaskFilter waiting;
  waiting.state = TaskState::waiting;
  auto items = queries.tasks(ref.run, waiting);
  if (!items) return std::move(items).error();
  const std::string prefix = detail->task.label + "[";
  for (const store::TaskView& item : *items)
    if (item.label.starts_with(prefix) &&
        item.label.find('/', prefix.size()) == std::string::npos && asks(item.task))
      return queries.last_event_of({ref.run, item.task.no}, "task.waiting");
  return json::object();
}

result<std::string> explain(store::Queries& queries, TaskRef ref, const store::TaskDetail& detail,
                            const Surroundings& surroundings) {
  switch (detail.task.task.state) {
    case TaskState::pending:
      return explain_pending(queries, ref);
    case TaskState::ready:
      if (auto made = explain_following(queries, ref, surroundings); !made || !made->empty())
        return made;
      return explain_ready(detail, surroundings);
    case TaskState::waiting:
      if (detail.task.task.wait_reason == WaitReason::unknown_outcome)
        return "it may have been bought: " + last_message(detail) +
               "; settle it with 'weft settle', or buy again with 'weft retry --rebuy'";
      return explain_waiting(queries, ref, detail);
    case TaskState::failed:
      return explain_failed(queries, ref, detail);
    case TaskState::running:
      if (!surroundings.executed)
        return "no runtime executes this folder any more; carry on with 'weft resume'";
      return detail.attempts.empty() ? std::string() : "runs at " + detail.attempts.back().service;
    case TaskState::succeeded:
      return what_was_lost(detail);
    case TaskState::cancelled:
      if (!detail.attempts.empty() && detail.attempts.back().outcome == Outcome::unknown)
        return "it may have been bought, and counts as spent: " + last_message(detail);
      break;
    case TaskState::skipped:
      break;
  }
  return std::string();
}

void describe_wait(const route::ServiceTable& table, const std::string& operation,
                   const ServiceRows& rows, Surroundings& surroundings) {
  const auto closed = closed_services(table, rows);
  route::Request request;
  request.operation = operation;
  request.excluded = closed;
  const route::Decision decision = route::choose(table, request);
  if (!decision.chosen) {
    surroundings.closed = decision.reasons(table);
    surroundings.slots = "a service that can do '" + operation + "'";
    return;
  }
  const route::Service& service = table.services[*decision.chosen];
  const SlotClass& slot_class = table.classes[service.slot_class];
  surroundings.slots = "a slot of class '" + slot_class.name + "' (" +
                       std::to_string(slot_class.slots) + " in all) at " + service.name;
}

void show_health(const ServiceHealth& health, ServiceView& view) {
  const std::string_view out = route::out_of_use(view.enabled, health.taken_out);
  if (!out.empty()) {
    view.health = view.in_flight > 0 ? "draining" : "disabled";
    view.health_reason = out;
    return;
  }
  view.health = to_string(health.state);
  view.health_reason = health.reason;
  view.open_until = health.open_until;
  if (health.paused_until && *health.paused_until > now()) view.paused_until = health.paused_until;
}

UsageView show_usage(const Usage& usage) {
  return {usage.cpu.count(), usage.memory_bytes, usage.gpu_memory_bytes, usage.queue_place};
}

AttemptView show_attempt(const AttemptRecord& attempt, const Usage& usage) {
  AttemptView view;
  view.usage = show_usage(usage);
  view.number = attempt.attempt;
  view.service = attempt.service;
  if (attempt.ended_at) view.outcome = to_string(attempt.outcome);
  view.message = attempt.message;
  view.started_at = attempt.started_at;
  view.ended_at = attempt.ended_at;
  if (attempt.cost) view.cost = attempt.cost->to_string();
  view.cost_estimated = attempt.cost_estimated;
  return view;
}

std::vector<UseView> show_use(const std::vector<ServiceMinute>& use, std::string_view service) {
  const auto view_of = [](std::string operation, const ServiceUse& counted) {
    UseView view;
    view.operation = std::move(operation);
    view.ended = counted.ended;
    view.succeeded = counted.succeeded;
    view.faults = counted.faults;
    view.p50_ms = counted.latency.quantile(0.5).count();
    view.p95_ms = counted.latency.quantile(0.95).count();
    view.waited_ms = counted.waited.count() / static_cast<std::int64_t>(counted.ended);
    view.usage = show_usage(counted.usage);
    for (const auto& [currency, micros] : counted.cost_micros)
      view.cost += (view.cost.empty() ? "" : " + ") + Money{micros, currency}.to_string();
    return view;
  };
  ServiceUse together;
  std::vector<UseView> views;
  for (const ServiceMinute& one : use) {
    if (one.service != service || one.use.ended == 0) continue;
    together.merge(one.use);
    views.push_back(view_of(one.operation, one.use));
  }
  if (!views.empty()) views.insert(views.begin(), view_of({}, together));
  return views;
}

TaskView show_task(const store::TaskDetail& detail, std::string why, bool executed) {
  const TaskRecord& row = detail.task.task;
  TaskView view;
  view.number = row.no;
  view.name = detail.task.label;
  view.operation = detail.task.operation;
  view.group = row.group;
  view.item_count = row.item_count;
  view.state = to_string(row.state);
  view.unattended = row.state == TaskState::running && !executed;
  view.why = std::move(why);
  view.attempt = row.attempt;
  view.ended_at = row.ended_at;
  if (detail.task.progress) {
    view.permille = detail.task.progress->permille;
    view.stage = detail.task.progress->stage;
  }
  std::map<Currency, std::int64_t> cost;
  for (const AttemptRecord& attempt : detail.attempts)
    if (attempt.cost) cost[attempt.cost->currency] += attempt.cost->micros;
  view.cost = join_money(cost);
  if (!detail.attempts.empty()) {
    view.service = detail.attempts.back().service;
    view.started_at = detail.attempts.back().started_at;
  }
  return view;
}

ArtifactView show_artifact(const store::ArtifactRef& ref, const std::string& task_label) {
  ArtifactView view;
  view.digest = ref.artifact.digest.to_string();
  view.size_bytes = ref.artifact.size_bytes;
  view.media_type = ref.artifact.media_type;
  view.name = ref.artifact.name;
  if (ref.run) view.run = ref.run->to_string();
  view.task = task_label;
  return view;
}

}  // namespace weft::shell
