// SPDX-License-Identifier: Apache-2.0
// Results that are there already, or that another task is making. Between bind and choose a task
// looks for one; found, it ends with it, and nothing is dispatched. While an attempt makes what
// another task asks for as well, that one waits for its end: it takes the result, or goes its own
// way.
//
// A flight is an attempt, or several, with those who wait for its end. It stands in memory alone:
// whoever waits is `ready` in the store, and a restart begins the flights of open attempts anew, by
// the keys that were stored with their intents. These are those of the configuration that they were
// sent with.
#include <algorithm>

#include "engine/core.hpp"

namespace weft::engine {
namespace {

// It would have been asked, had this not stood in the way for now.
bool passes(route::Obstacle obstacle) {
  switch (obstacle) {
    case route::Obstacle::busy:
    case route::Obstacle::closed:
    case route::Obstacle::account:
    case route::Obstacle::unavailable:
      return true;
    default:
      return false;
  }
}

bool may_reuse(const TaskDefinition& definition, const json::object& params) {
  return !definition.cache.off && why_not_reused(definition.operation->reuse, params).empty();
}

std::string name_of(const Run& run, TaskNo task) {
  return display_name(*run.plan, task);
}

}  // namespace

// By what the result of the service would be known; null: it would be nobody else's. What a
// placeholder makes stands in for nothing but the task it was made for.
std::shared_ptr<const ResultKey> Core::key_at(const Run& run, TaskNo task,
                                              route::ServiceIndex index,
                                              const std::shared_ptr<const BoundTask>& bound) const {
  const TaskDefinition& definition = run.definition(task);
  const route::Service& service = services_->services[index];
  if (service.placeholder || definition.operation->reuse == Reuse::never) return nullptr;
  const auto adapted = adapted_for(definition, service.name, bound);
  if (!may_reuse(definition, adapted->params)) return nullptr;
  const route::OfferedOperation* offered = service.offers(definition.operation->name);
  if (!offered || offered->revision.empty())
    return result_key(definition.operation->name, *adapted, service.component, service.identity);
  json::object identity = service.identity;
  identity["revision"] = offered->revision;
  return result_key(definition.operation->name, *adapted, service.component, identity);
}

// ---------------------------------------------------------------- looking

// Of the service that would be chosen, and before it of those that would have been, if they could
// be asked now: a result that is there needs neither a slot nor a budget.
std::vector<std::shared_ptr<const ResultKey>> Core::keys_for(
    const Run& run, TaskNo task, const std::shared_ptr<const BoundTask>& bound) const {
  const TaskDefinition& definition = run.definition(task);
  auto excluded = excluded_for(run, task);
  add_closed(excluded, definition.operation->name, run.nodes[task].claim.service);
  route::Request request = request_for(run, task, excluded);
  request.params = &bound->params;
  request.adapt = definition.route.adapt;
  const route::Decision decision = route::choose(*services_, request);
  std::vector<std::shared_ptr<const ResultKey>> keys;
  for (const route::Candidate& candidate : decision.candidates) {
    const bool chosen = decision.chosen == candidate.service;
    if (candidate.degradation) break;
    if (!chosen && !passes(candidate.obstacle)) continue;
    if (auto key = key_at(run, task, candidate.service, bound)) keys.push_back(std::move(key));
    if (chosen) break;
  }
  return keys;
}

// False: there is nothing to look for.
bool Core::look_up(Run& run, TaskNo task, const std::shared_ptr<const BoundTask>& bound) {
  const TaskDefinition& definition = run.definition(task);
  if (definition.operation->reuse == Reuse::never) return false;
  if (run.record.fresh || !may_reuse(definition, bound->params)) return false;
  auto keys = keys_for(run, task, bound);
  if (keys.empty()) return false;
  Node& node = run.nodes[task];
  node.stage = Stage::looking;
  const Timestamp made_after =
      definition.cache.ttl ? moment_.now - *definition.cache.ttl : Timestamp{};
  asks_.push_back(AskResult{run.record.id, task, node.ticket, bound, std::move(keys), made_after});
  return true;
}

void Core::on(ResultLookedUp&& event) {
  Run* run = loaded(event.run);
  if (!run || run->nodes[event.task].ticket != event.ticket) return;
  Node& node = run->nodes[event.task];
  if (node.stage != Stage::looking) return;
  if (run->record.state != RunState::active || shutting_down_) return leave_queue(*run, event.task);
  if (event.found) return take_result(*run, event.task, *event.found);
  for (const auto& key : event.keys)
    if (follow(*run, event.task, key)) return;
  node.stage = Stage::choosing;
  ask_choice(*run, event.task, std::move(event.bound));
}

void Core::take_result(Run& run, TaskNo task, const FoundResult& found) {
  leave_queue(run, task);
  Node& node = run.nodes[task];
  node.retry_at.reset();
  node.degraded = false;
  put_outputs(run, task, found.outputs);
  write<TakeResult>(run, run.record.id, task, found.key, found.origin, false);
  const std::string from = found.origin.run.to_string();
  succeed(run, task,
          json_text({{"cached", true},
                     {"run", from},
                     {"task", found.origin.task},
                     {"service", found.origin.service},
                     {"cost", "0"}}));
}

// ---------------------------------------------------------------- flights

// On its way out: nothing more is to be hoped from it.
bool Core::is_ending(const TaskRef& maker) const {
  const auto& active = runs_.at(maker.run)->active;
  const auto attempt = active.find(maker.task);
  return attempt != active.end() && attempt->second.stop != StopCause::none;
}

// Waits for an attempt under way that makes the same; false: there is none.
bool Core::follow(Run& run, TaskNo task, const std::shared_ptr<const ResultKey>& key) {
  const auto found = flights_.find(key->digest);
  if (found == flights_.end() || run.record.fresh) return false;
  Flight& flight = found->second;
  const auto maker = std::find_if(flight.makers.begin(), flight.makers.end(),
                                  [this](const TaskRef& one) { return !is_ending(one); });
  if (maker == flight.makers.end()) return false;
  leave_queue(run, task);
  Node& node = run.nodes[task];
  node.stage = Stage::following;
  node.queued_at.reset();  // nothing keeps it from a slot
  flight.followers.push_back({{run.record.id, task}, node.ticket});
  run.following.insert_or_assign(task, key);
  const Run& of = *runs_.at(maker->run);
  const AttemptRecord& attempt = of.active.at(maker->task).record;
  const ResultOrigin origin{maker->run, name_of(of, maker->task), attempt.service,
                            attempt.started_at};
  write<TakeResult>(run, run.record.id, task, key, origin, true);
  const std::string from = origin.run.to_string();
  write_event(run, "task.following", task,
              {{"run", from}, {"task", origin.task}, {"service", origin.service}});
  return true;
}

// A service has been chosen, and its slots are held.
void Core::start_or_follow(Run& run, TaskNo task, ServiceChosen&& choice) {
  std::shared_ptr<const ResultKey> key;
  if (!choice.decision.degraded) key = key_at(run, task, *choice.decision.chosen, choice.bound);
  if (key && follow(run, task, key)) return;
  start_attempt(run, task, std::move(choice));
  if (!key) return;
  write<PutResultKey>(run, run.record.id, task, run.nodes[task].attempt, key);
  begin_flight(run, task, std::move(key));
}

void Core::begin_flight(Run& run, TaskNo task, std::shared_ptr<const ResultKey> key) {
  flights_[key->digest].makers.push_back({run.record.id, task});
  run.keys.insert_or_assign(task, std::move(key));
}

// The attempt is over. `ended`: how; null: nobody knows. Who waits goes on doing so while another
// one makes the same.
void Core::end_flight(Run& run, TaskNo task, const JobResult* ended) {
  const auto own = run.keys.find(task);
  if (own == run.keys.end()) return;
  const auto key = std::move(own->second);
  run.keys.erase(own);
  std::optional<FoundResult> made;
  if (ended && ended->outcome == Outcome::ok) {
    const std::string& service = run.active.at(task).record.service;
    made =
        FoundResult{key, {run.record.id, name_of(run, task), service, moment_.now}, ended->outputs};
    write<KeepResult>(run, run.record.id, key, made->origin, run.definition(task).operation->name,
                      run.definition(task).name, made->outputs);
    results_.push_back(*made);
  }
  const auto found = flights_.find(key->digest);
  std::vector<Follower> landing;
  std::erase(found->second.makers, TaskRef{run.record.id, task});
  if (made || found->second.makers.empty()) landing.swap(found->second.followers);
  if (found->second.makers.empty()) flights_.erase(found);
  for (const Follower& follower : landing) land(follower, *key, made ? &*made : nullptr);
}

void Core::land(const Follower& follower, const ResultKey& key, const FoundResult* made) {
  const TaskNo task = follower.task.task;
  Run* run = loaded(follower.task.run);
  if (!run || run->nodes[task].stage != Stage::following ||
      run->nodes[task].ticket != follower.ticket)
    return;
  // A run that was lost and is ours again counts its tickets anew.
  const auto waits_for = run->following.find(task);
  if (waits_for == run->following.end() || waits_for->second->digest != key.digest) return;
  const auto own = std::move(waits_for->second);
  run->following.erase(waits_for);
  if (made && run->record.state == RunState::active) return take_result(*run, task, *made);
  write<PutResultKey>(*run, run->record.id, task, AttemptNo{0}, own);  // it waits for nobody
  enqueue(*run, task);
}

}  // namespace weft::engine
