// SPDX-License-Identifier: Apache-2.0
#include "plugin/job_table.hpp"

#include <boost/json.hpp>
#include <utility>

namespace weft::plugin {

void JobTable::open(weft_id id, AttemptRef attempt, std::string label) {
  const std::lock_guard lock(mutex_);
  by_attempt_[attempt] = id;
  Entry& entry = jobs_[id];
  entry.attempt = attempt;
  entry.label = std::move(label);
}

void JobTable::refuse(AttemptRef attempt, Outcome outcome, std::string message) {
  const std::lock_guard lock(mutex_);
  JobOutcome refusal;
  refusal.outcome = outcome;
  refusal.message = std::move(message);
  if (!swallows_ends_) sink_.ended(attempt, std::move(refusal));
}

JobTable::Entry* JobTable::open_entry(weft_id id) {
  const auto found = jobs_.find(id);
  return found == jobs_.end() || found->second.has_ended() ? nullptr : &found->second;
}
const JobTable::Entry* JobTable::open_entry(weft_id id) const {
  return const_cast<JobTable*>(this)->open_entry(id);
}

bool JobTable::is_open(weft_id id) const {
  const std::lock_guard lock(mutex_);
  return open_entry(id) != nullptr;
}

weft_id JobTable::find(AttemptRef attempt) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_attempt_.find(attempt);
  return found == by_attempt_.end() || !open_entry(found->second) ? 0 : found->second;
}

std::optional<AttemptRef> JobTable::attempt(weft_id id) const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = open_entry(id);
  return entry ? std::optional(entry->attempt) : std::nullopt;
}

std::string JobTable::label(weft_id id) const {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? std::string() : found->second.label;
}

std::size_t JobTable::count() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size();
}

std::vector<weft_id> JobTable::open_jobs() const {
  const std::lock_guard lock(mutex_);
  std::vector<weft_id> ids;
  for (const auto& [id, entry] : jobs_)
    if (!entry.has_ended()) ids.push_back(id);
  return ids;
}

void JobTable::started(weft_id id) {
  const std::lock_guard lock(mutex_);
  if (const Entry* entry = open_entry(id)) sink_.started(entry->attempt);
}

bool JobTable::progress(weft_id id, std::int32_t permille, std::string stage) {
  const std::lock_guard lock(mutex_);
  Entry* entry = open_entry(id);
  if (!entry) return false;
  Said& said = entry->details();
  said.permille = permille;
  said.stage = std::move(stage);
  return !std::exchange(said.progress_waits, true);
}

void JobTable::flush_progress(weft_id id) {
  const std::lock_guard lock(mutex_);
  Entry* entry = open_entry(id);
  if (!entry || !std::exchange(entry->details().progress_waits, false)) return;
  sink_.progressed(entry->attempt, entry->said->permille, entry->said->stage);
}

bool JobTable::checkpoint(weft_id id, std::uint64_t op, std::string token) {
  const std::lock_guard lock(mutex_);
  const Entry* entry = open_entry(id);
  if (!entry) return false;
  sink_.checkpoint(entry->attempt, op, std::move(token));
  return true;
}

std::optional<std::size_t> JobTable::take_place(weft_id id, std::string name) {
  const std::lock_guard lock(mutex_);
  Entry* entry = open_entry(id);
  if (!entry) return std::nullopt;
  Said& said = entry->details();
  said.places.push_back({std::move(name), nullptr});
  ++said.places_to_fill;
  return said.places.size() - 1;
}

void JobTable::fill_place(weft_id id, std::size_t place, result<json::value> output) {
  std::optional<Closed> closed;
  {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    Said& said = found->second.details();
    if (output)
      said.places[place].output = std::move(*output);
    else
      said.failed_output = std::move(output.error());
    --said.places_to_fill;
    closed = close_if_complete(id);
  }
  if (closed) on_closed_(*closed);
}

bool JobTable::end(weft_id id, JobOutcome outcome) {
  std::optional<Closed> closed;
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = open_entry(id);
    if (!entry) return false;
    if (entry->interrupted && outcome.outcome == Outcome::cancelled)
      outcome.outcome = Outcome::interrupted;
    Said& said = entry->details();
    said.end = std::move(outcome);
    for (const auto& child : said.children)
      if (const auto alive = child.lock()) alive->request();
    closed = close_if_complete(id);
  }
  if (closed) on_closed_(*closed);
  return true;
}

std::optional<JobTable::Closed> JobTable::close_if_complete(weft_id id) {
  const auto found = jobs_.find(id);
  Entry& entry = found->second;
  if (!entry.has_ended() || entry.said->places_to_fill > 0) return std::nullopt;
  JobOutcome outcome = complete(*entry.said);
  Closed closed{entry.attempt, outcome.outcome, outcome.message, std::move(entry.said->folder)};
  if (!swallows_ends_) sink_.ended(closed.attempt, std::move(outcome));
  if (const auto at = by_attempt_.find(closed.attempt); at != by_attempt_.end() && at->second == id)
    by_attempt_.erase(at);
  jobs_.erase(found);
  return closed;
}

// The outcome with all outputs in it.
JobOutcome JobTable::complete(Said& said) {
  JobOutcome outcome = std::move(*said.end);
  if (said.usage != Usage{}) {
    Usage all = outcome.usage ? *outcome.usage : Usage{};
    all.add(said.usage);
    outcome.usage = std::make_shared<const Usage>(all);
  }
  if (outcome.outcome != Outcome::ok) {
    outcome.outputs.clear();
    return outcome;
  }
  if (said.failed_output) {
    // The service did its work and may have been paid, so nobody shall ask it again by himself; a
    // thing that is not what was asked for is another matter.
    outcome.outcome =
        said.failed_output->kind == ErrorKind::invalid ? Outcome::bad_output : Outcome::unknown;
    outcome.message = said.failed_output->to_string();
    outcome.outputs.clear();
    return outcome;
  }
  json::object artifacts;
  for (Place& place : said.places) {
    json::value* before = artifacts.if_contains(place.name);
    if (!before) {
      artifacts[place.name] = std::move(place.output);
    } else {
      if (!before->is_array()) *before = json::array{std::move(*before)};
      before->get_array().push_back(std::move(place.output));
    }
  }
  for (auto& [name, value] : artifacts) outcome.outputs[name] = std::move(value);
  return outcome;
}

void JobTable::stop(weft_id id, bool interrupted) {
  const std::lock_guard lock(mutex_);
  Entry* entry = open_entry(id);
  if (!entry) return;
  // A cancel that came first stays a cancel.
  if (!entry->stopped) entry->interrupted = interrupted;
  entry->stopped = true;
  for (const auto& child : entry->details().children)
    if (const auto alive = child.lock()) alive->request();
}

bool JobTable::is_stopped(weft_id id) const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = open_entry(id);
  return !entry || entry->stopped;
}

bool JobTable::add_child(weft_id id, const std::shared_ptr<StopSignal>& child) {
  const std::lock_guard lock(mutex_);
  Entry* entry = open_entry(id);
  if (!entry || entry->stopped) return false;
  auto& children = entry->details().children;
  std::erase_if(children, [](const auto& other) { return other.expired(); });
  children.emplace_back(child);
  return true;
}

void JobTable::add_usage(weft_id id, const Usage& usage) {
  const std::lock_guard lock(mutex_);
  if (Entry* entry = open_entry(id)) entry->details().usage.add(usage);
}

std::filesystem::path JobTable::folder(weft_id id,
                                       const std::function<std::filesystem::path(weft_id)>& make) {
  const std::lock_guard lock(mutex_);
  Entry* entry = open_entry(id);
  if (!entry) return {};
  std::filesystem::path& made = entry->details().folder;
  if (made.empty()) made = make(id);
  return made;
}

void JobTable::swallow_ends() {
  const std::lock_guard lock(mutex_);
  swallows_ends_ = true;
}

}  // namespace weft::plugin
