// SPDX-License-Identifier: Apache-2.0
// From ready to running: queue for a slot, bind, choose, reserve, dispatch.
#include <algorithm>
#include <bit>

#include "engine/core.hpp"
#include "route/adapt.hpp"
#include "route/retry.hpp"

namespace weft::engine {
namespace {

// DecisionRecord::detail.
std::string decision_text(const route::Decision& decision, const route::ServiceTable& table) {
  constexpr std::size_t room_for_one = 64;
  std::string text;
  text.reserve(room_for_one * (1 + decision.candidates.size()));
  text = R"({"candidates":[)";
  for (const route::Candidate& candidate : decision.candidates) {
    if (text.back() != '[') text += ',';
    const bool excluded = candidate.obstacle != route::Obstacle::none;
    append_json(text, {{"service", table.services[candidate.service].name},
                       {excluded ? "excluded" : "degraded", unless_empty(candidate.reason)},
                       {"adapted", unless_empty(candidate.adapted)}});
  }
  return text.append(R"(],"degraded":)").append(decision.degraded ? "true}" : "false}");
}

bool says_the_same(const route::Decision& a, const route::Decision& b) {
  return a.degraded == b.degraded &&
         std::equal(a.candidates.begin(), a.candidates.end(), b.candidates.begin(),
                    b.candidates.end(), [](const route::Candidate& x, const route::Candidate& y) {
                      return x.service == y.service && x.obstacle == y.obstacle &&
                             x.reason == y.reason && x.adapted == y.adapted;
                    });
}

}  // namespace

// ---------------------------------------------------------------- queueing

void Core::enqueue(Run& run, TaskNo task) {
  Node& node = run.nodes[task];
  ++node.ticket;
  node.stage = Stage::none;
  if (run.record.state != RunState::active || run.record.cancelling)
    return;  // resume queues it again
  if (run.definition(task).wait) return ask_people(run, task);
  if (task_deadline(run, task).reached(moment_.now))
    return fail(run, task, Outcome::deadline, "its deadline has passed");
  if (!node.queued_at) node.queued_at = moment_.now;
  arm_queue(run, task);
  if (const auto lane = lane_for(run, task)) return push(run, task, *lane);
  no_service(run, task, route::choose(*services_, request_for(run, task, excluded_for(run, task))));
}

void Core::push(Run& run, TaskNo task, LaneNo lane) {
  Node& node = run.nodes[task];
  node.stage = Stage::queued;
  lanes_.push(lane, {run.definition(task).priority + run.record.priority, 0, run.record.id, task,
                     node.ticket});
}

// The lane of those who can take it as far as can be told before its params are known; none: there
// is nobody.
std::optional<LaneNo> Core::lane_for(Run& run, TaskNo task) {
  const bool untroubled = !run.trouble.contains(task);
  LaneNo& cached = run.lane(task);
  if (untroubled && cached != Claim::none) return cached;
  const auto excluded = excluded_for(run, task);
  const auto decision = route::choose(*services_, request_for(run, task, excluded));
  if (!decision.chosen) return std::nullopt;
  const LaneNo lane = lanes_.find(lane_key(run, task, decision), untroubled);
  if (untroubled) cached = lane;
  return lane;
}

LaneKey Core::lane_key(const Run& run, TaskNo task, const route::Decision& decision) const {
  LaneKey key;
  for (const bool degradation : {false, true})
    for (const bool adapted : {false, true})
      for (const route::Candidate& candidate : decision.candidates) {
        if (candidate.degradation != degradation || candidate.adapted.empty() == adapted) continue;
        if (!candidate.is_hope()) continue;
        key.services.push_back(candidate.service);
        if (!degradation) ++key.ordinary;
      }
  const std::string& own = run.definition(task).concurrency;
  if (!own.empty()) key.concurrency = services_->find_class(own).value_or(Claim::none);
  return key;
}

void Core::delay(Run& run, TaskNo task, Timestamp until) {
  Node& node = run.nodes[task];
  ++node.ticket;
  node.stage = Stage::delayed;
  node.retry_at = until;
  node.queued_at.reset();
  mark_dirty(run, task);
  timers_.set({until, AlarmKind::retry, run.record.id, task, 0});
}

// Those who have waited longest first, as they queued before.
void Core::requeue_all() {
  lanes_.reset(*services_);
  struct Queued {
    Timestamp since;
    Run* run;
    TaskNo task;
  };
  std::vector<Queued> queued;
  for (const auto& [id, run] : runs_) {
    run->lane_of.assign(run->lane_of.size(), Claim::none);
    if (run->in_state(TaskState::ready) == 0) continue;
    for (TaskNo no = 0; no < run->nodes.size(); ++no) {
      const Node& node = run->nodes[no];
      if (node.state == TaskState::ready &&
          (node.stage == Stage::queued || node.stage == Stage::homeless))
        queued.push_back({node.queued_at ? *node.queued_at : moment_.now, run.get(), no});
    }
  }
  std::stable_sort(queued.begin(), queued.end(),
                   [](const Queued& a, const Queued& b) { return a.since < b.since; });
  for (const Queued& one : queued) enqueue(*one.run, one.task);
}

// ---------------------------------------------------------------- a slot

void Core::fill_slots() {
  while (auto taken = lanes_.pop(slots_, states_, moment_.now)) {
    Run* run = loaded(taken->task.run);
    if (!run) continue;
    if (taken->behind && taken->behind->run == taken->task.run)
      run->foresee_start(taken->behind->task);
    Node& node = run->nodes[taken->task.task];
    if (node.ticket != taken->task.ticket || node.stage != Stage::queued) continue;
    if (run->record.state != RunState::active) {  // resume queues it again
      node.stage = Stage::none;
      continue;
    }
    take(node, taken->claim);
    node.stage = Stage::binding;
    asks_.push_back(AskBinding{run->record.id, taken->task.task, ++node.ticket});
  }
  if (states_.any_closes()) arm_opening();
}

bool Core::has_room(const Claim& claim) const {
  return states_.is_open(claim.service, slots_.used_of_service(claim.service), moment_.now) &&
         slots_.has_room(claim);
}

void Core::take(Node& node, const Claim& claim) {
  slots_.take(claim);
  states_.claimed(claim.service);
  node.claim = claim;
}

void Core::release(Run& run, TaskNo task) {
  Node& node = run.nodes[task];
  if (node.claim.empty()) return;
  slots_.give_back(node.claim);
  states_.unclaimed(node.claim.service);
  node.claim = {};
}

void Core::leave_queue(Run& run, TaskNo task) {
  release(run, task);
  run.nodes[task].stage = Stage::none;
  ++run.nodes[task].ticket;
}

void Core::on(TaskBound&& event) {
  Run* run = loaded(event.run);
  if (!run || run->nodes[event.task].ticket != event.ticket) return;
  Node& node = run->nodes[event.task];
  if (node.state == TaskState::running) {  // left by a dead runtime
    if (event.binding && event.binding->run)
      return attach(*run, event.task, std::move(event.binding->task));
    const std::string trouble =
        event.binding ? "its condition is false by now" : event.binding.error().to_string();
    return end_attempt(*run, event.task, {Outcome::unknown, trouble, {}, {}, false, {}});
  }
  if (node.state == TaskState::waiting)
    return choices_bound(*run, event.task, std::move(event.binding));
  if (node.stage != Stage::binding) return;
  if (!event.binding) {
    leave_queue(*run, event.task);
    return fail(*run, event.task, Outcome::bad_input, event.binding.error().in_one_line());
  }
  if (!event.binding->run) return skip(*run, event.task, "its condition is false");
  if (run->definition(event.task).wait)
    return show_question(*run, event.task, event.binding->task->params);
  if (look_up(*run, event.task, event.binding->task)) return;
  node.stage = Stage::choosing;
  ask_choice(*run, event.task, std::move(event.binding->task));
}

void Core::ask_choice(Run& run, TaskNo task, std::shared_ptr<const BoundTask> bound) {
  auto excluded = excluded_for(run, task);
  const Node& node = run.nodes[task];
  add_closed(excluded, run.definition(task).operation->name, node.claim.service);
  asks_.push_back(AskChoice{run.record.id, task, node.ticket, std::move(bound), std::move(excluded),
                            task_budget_left(run, task), run.ledger.left()});
}

void Core::on(ServiceChosen&& event) {
  Run* run = loaded(event.run);
  if (!run || run->nodes[event.task].ticket != event.ticket) return;
  Node& node = run->nodes[event.task];
  if (node.stage != Stage::choosing) return;
  if (run->record.state != RunState::active || shutting_down_) return leave_queue(*run, event.task);
  if (!event.decision.chosen) {
    leave_queue(*run, event.task);
    return no_service(*run, event.task, event.decision);
  }
  const auto& estimate = event.decision.estimate;
  const MaybeMoney left = run->ledger.left();
  if (left && estimate && estimate->micros > left->micros)  // somebody reserved since it was asked
    return ask_choice(*run, event.task, std::move(event.bound));
  if (*event.decision.chosen !=
      node.claim.service) {  // the params lead elsewhere: its slots instead
    const Claim claim{*event.decision.chosen, node.claim.concurrency};
    release(*run, event.task);
    if (!has_room(claim)) return wait_for_one_of(*run, event.task, event.decision);
    take(node, claim);
  }
  start_or_follow(*run, event.task, std::move(event));
}

// ---------------------------------------------------------------- the choice

// For now and for long: what it has tried, and what nobody can use until somebody mends it.
std::vector<route::Exclusion> Core::excluded_for(const Run& run, TaskNo task) const {
  std::vector<route::Exclusion> excluded;
  for (route::ServiceIndex i = 0; i < services_->services.size(); ++i)
    if (states_.is_broken(i))
      excluded.push_back({i, states_.text({route::Closed::account, {}}, i, 0, moment_.now),
                          route::Obstacle::account});
  const auto found = run.trouble.find(task);
  if (found == run.trouble.end()) return excluded;
  for (const auto* failures : {&found->second.barred, &found->second.tried})
    for (const Trouble::Failure& failure : *failures)
      if (const auto service = services_->find(failure.service))
        excluded.push_back({*service, failure.reason});
  return excluded;
}

route::Request Core::request_for(const Run& run, TaskNo task,
                                 const std::vector<route::Exclusion>& excluded) const {
  const TaskDefinition& definition = run.definition(task);
  route::Request request;
  request.operation = definition.operation->name;
  request.degrade = definition.route.degrade;
  request.excluded = excluded;
  return request;
}

MaybeMoney Core::task_budget_left(const Run& run, TaskNo task) const {
  const MaybeMoney& limit = run.definition(task).route.max_cost;
  if (!limit) return std::nullopt;
  const auto found = run.trouble.find(task);
  const std::int64_t spent = found == run.trouble.end() ? 0 : found->second.spent_micros;
  return Money{std::max<std::int64_t>(0, limit->micros - spent), limit->currency};
}

// Those who are left cannot take it, but one that failed in this round may be asked again.
bool Core::another_round(Run& run, TaskNo task, const route::Decision& decision) {
  const auto found = run.trouble.find(task);
  if (found == run.trouble.end() || found->second.tried.empty()) return false;
  Trouble& trouble = found->second;
  const bool hope =
      std::any_of(trouble.tried.begin(), trouble.tried.end(), [&](const Trouble::Failure& failure) {
        const auto named = [&](const auto& one) { return one.service == failure.service; };
        return std::any_of(decision.candidates.begin(), decision.candidates.end(),
                           [&](const route::Candidate& candidate) {
                             return services_->services[candidate.service].name == failure.service;
                           }) &&
               std::none_of(trouble.barred.begin(), trouble.barred.end(), named);
      });
  if (!hope) return false;
  trouble.tried.clear();
  delay(run, task,
        moment_.now +
            route::backoff_delay(run.definition(task).retry, trouble.failures, moment_.random[0]));
  return true;
}

// Some can take it, and none of them now. Its params are known, so they may be fewer than those
// whose lane it came from.
void Core::wait_for_one_of(Run& run, TaskNo task, const route::Decision& decision) {
  ++run.nodes[task].ticket;
  push(run, task, lanes_.find(lane_key(run, task, decision), false));
}

void Core::no_service(Run& run, TaskNo task, const route::Decision& decision) {
  const bool someone_is_busy = decision.obstacle() == route::Obstacle::busy;
  if (!someone_is_busy && another_round(run, task, decision)) return;
  if (decision.has_hope()) return wait_for_one_of(run, task, decision);
  const std::string reasons = decision.reasons(*services_);
  switch (decision.obstacle()) {
    case route::Obstacle::run_budget:
      return pause_for_budget(run, reasons);
    case route::Obstacle::task_budget:
      return fail(run, task, Outcome::budget, reasons);
    case route::Obstacle::params:
      return fail(run, task, Outcome::unsupported, reasons);
    case route::Obstacle::tried:
      return fail(run, task, Outcome::transient, reasons);
    case route::Obstacle::account:
      return fail(run, task, account_trouble(decision), reasons);
    case route::Obstacle::unavailable:
    case route::Obstacle::none:
    case route::Obstacle::busy:
    case route::Obstacle::closed:
    case route::Obstacle::silent:
      break;
  }
  run.nodes[task].stage = Stage::homeless;  // a change of the configuration may bring a service
}

// ---------------------------------------------------------------- the intent

std::shared_ptr<const std::string> Core::text_of(route::Decision&& decision) {
  if (!decision_text_ || !says_the_same(decision, decision_)) {
    decision_text_ = std::make_shared<const std::string>(decision_text(decision, *services_));
    decision_ = std::move(decision);
  }
  return decision_text_;
}

void Core::start_attempt(Run& run, TaskNo task, ServiceChosen&& choice) {
  run.foresee_end(task);
  Node& node = run.nodes[task];
  const route::Service& service = services_->services[*choice.decision.chosen];
  ActiveAttempt& active = run.active[task];
  active.claim = std::exchange(node.claim, {});
  active.free = service.is_free();
  active.local = service.local;
  active.trial = states_.began(active.claim.service, node.attempts_counted == 0, moment_.now);
  active.run_limit = run_limit(run.definition(task), service);
  if (node.queued_at) active.waited = moment_.now - *node.queued_at;
  AttemptRecord& record = active.record;
  record.task = task;
  record.attempt = ++node.attempt;
  record.service = service.name;
  record.idempotency_key = Uuid::v4(std::bit_cast<std::array<std::uint8_t, 16>>(moment_.random));
  record.started_at = active.timed_from = moment_.now;
  record.reserved = choice.decision.estimate;
  run.ledger.reserve(record.reserved);
  node.stage = Stage::none;
  node.retry_at.reset();
  node.degraded = choice.decision.degraded;
  set_state(run, task, TaskState::running);

  write<InsertAttempt>(run, run.record.id, record, text_of(std::move(choice.decision)));
  write_event(run, "task.started", task, AttemptFacts{record.attempt, service.name, {}, {}});
  effects_.acts.emplace_back(std::in_place_type<DispatchJob>,
                             job_for(run, task, active, std::move(choice.bound)));
  arm_attempt(run, active);
  watch(active.claim.service);
}

// The params as the service takes them, if the definition allows that they change. Pure, so an
// attempt that is attached has those that it was submitted with.
std::shared_ptr<const BoundTask> Core::adapted_for(const TaskDefinition& definition,
                                                   const std::string& service,
                                                   std::shared_ptr<const BoundTask> bound) const {
  if (definition.route.adapt.empty()) return bound;
  const auto index = services_->find(service);
  const auto* offer =
      index ? services_->services[*index].offers(definition.operation->name) : nullptr;
  if (!offer) return bound;
  auto adapted = route::adapt(offer->params, bound->params, definition.route.adapt);
  if (!adapted || adapted->losses.empty()) return bound;
  return std::make_shared<const BoundTask>(BoundTask{std::move(adapted->params), bound->inputs});
}

Job Core::job_for(const Run& run, TaskNo task, const ActiveAttempt& active,
                  std::shared_ptr<const BoundTask> bound) const {
  const AttemptRecord& attempt = active.record;
  Deadline deadline = task_deadline(run, task);
  if (active.run_limit)
    deadline = deadline.earlier(Deadline{attempt.started_at + *active.run_limit});
  const PlanScope& scope = run.plan->scope_of(task);
  return Job{{run.record.id, task, attempt.attempt},
             attempt.service,
             scope.pipeline,
             run.plan->nodes[task].definition,
             run.plan->nodes[task].item,
             scope.prefix,
             adapted_for(run.definition(task), attempt.service, std::move(bound)),
             attempt.idempotency_key,
             deadline,
             task_budget_left(run, task)};
}

}  // namespace weft::engine
