// SPDX-License-Identifier: Apache-2.0
// Projects: planning and making what is missing.
#include <algorithm>
#include <optional>

#include "shell/local_runtime.hpp"
#include "shell/making.hpp"

namespace weft::shell {

namespace {

constexpr std::chrono::milliseconds look_again_every{50};
constexpr std::chrono::seconds silent_at_most{1};
// So long a run that rests is left to whoever it is to make room for.
constexpr std::chrono::seconds left_to_others{30};

}  // namespace

result<store::FileLock> LocalRuntime::lock_making() {
  bool told = false;
  for (const auto begun = std::chrono::steady_clock::now();;) {
    auto locked = store::lock_making(environment_->state);
    if (locked || locked.error().kind != ErrorKind::conflict) return locked;
    if (!told && std::chrono::steady_clock::now() - begun > silent_at_most) {
      environment_->log->warn("waiting: " + locked.error().message);
      told = true;
    }
    if (auto waited = wait_a_little(); !waited) return std::move(waited).error();
  }
}

result<> LocalRuntime::wait_a_little() {
  std::unique_lock lock(wake_mutex_);
  if (wake_.wait_for(lock, look_again_every, [&] { return interrupted_; }))
    return failed("waiting was interrupted");
  return {};
}

result<ProductHistory> LocalRuntime::history_of(const std::string& project) {
  auto reader = queries();
  if (!reader) {
    if (reader.error().kind == ErrorKind::not_found) return ProductHistory{};
    return std::move(reader).error();
  }
  const store::Queries::Snapshot snapshot(**reader);
  auto rows = (*reader)->products(project);
  if (!rows) return std::move(rows).error();
  auto marks = (*reader)->product_marks(project);
  if (!marks) return std::move(marks).error();
  auto artifacts = artifact_store();
  if (!artifacts) return std::move(artifacts).error();
  ProductHistory history{std::move(*rows), std::move(*marks), {}};
  for (const std::string& damaged : take_out_damaged(history))
    environment_->log->warn("what the store has of " + damaged +
                            " cannot be read: it counts as not there, and 'weft make' makes it "
                            "again where it is needed");
  for (const store::ProductRow& row : history.rows) {
    const json::value* output = find_member(row.outputs, row.output);
    const auto artifact = output ? artifact_from_json(*output) : std::nullopt;
    if (artifact && !(*artifacts)->contains(artifact->digest)) history.gone.insert(row.task);
  }
  return history;
}

result<MakingView> LocalRuntime::plan_making(const Making& making) {
  auto opened = open_project(making.project);
  if (!opened) return std::move(opened).error();
  auto history = history_of(opened->project.name);
  if (!history) return std::move(history).error();
  auto services = board();
  if (!services) return std::move(services).error();
  const auto prepare_it = [&](const Making& what) {
    return prepare(what, *opened, *history, environment_->config.operations, describe_file);
  };
  auto prepared = prepare_it(making);
  if (!prepared) return std::move(prepared).error();
  MakingView view = show_making(**prepared);
  const Standing standing = standing_of(*history, **prepared);
  if (standing.giving_way) {
    view.run = standing.giving_way->to_string();
  } else if (standing.covering) {
    view.run = standing.covering->to_string();
    view.carries_on = true;
  } else if (!standing.in_the_way.empty()) {
    view.run = standing.in_the_way.front().first.to_string();
    Making together = making;
    for (const auto& [run, overlap] : standing.in_the_way) {
      ask_for_more(overlap, *opened, environment_->config.operations, together);
      if (!making.max_cost.empty()) continue;
      auto limit = limit_with(run, std::move(view.limit));
      if (!limit) return std::move(limit).error();
      view.limit = std::move(*limit);
    }
    if (prepared = prepare_it(together); !prepared) return std::move(prepared).error();
    MakingView all = show_making(**prepared);
    all.goals = std::move(view.goals);
    all.run = std::move(view.run);
    all.limit = std::move(view.limit);
    view = std::move(all);
  }
  if (view.to_make == 0) return view;
  auto planned = plan_products(making, **prepared, *environment_, (*services)->table(),
                               describe_file, definitions_);
  if (!planned) return std::move(planned).error();
  auto recent = recent_use();
  if (!recent) return std::move(recent).error();
  show_outlook(**prepared, *planned->plan, *(*services)->table(), *recent, view);
  return view;
}

// What may have been bought in it has to be settled first: a run that is over settles nothing.
result<> LocalRuntime::refuse_unsettled(RunId run, const std::string& project) {
  auto history = history_of(project);
  if (!history) return std::move(history).error();
  for (const store::ProductRow& row : history->rows)
    if (row.task.run == run && row.state == TaskState::waiting &&
        row.wait_reason == WaitReason::unknown_outcome)
      return may_have_been_bought(row.name, run.to_string());
  return {};
}

result<std::string> LocalRuntime::limit_with(RunId run, std::string limit) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  auto row = (*reader)->run(run);
  if (!row) return std::move(row).error();
  if (!row->run.limit) return limit;
  auto ledger = (*reader)->ledger(run);
  if (!ledger) return std::move(ledger).error();
  Money left = *row->run.limit;
  for (const store::LedgerTotal& total : *ledger)
    if (total.currency == left.currency)
      left.micros =
          std::max<std::int64_t>(0, left.micros - total.spent_micros - total.reserved_micros);
  const auto other = Money::parse(limit, environment_->config.currency);
  const bool is_less = !other || (other->currency == left.currency && left.micros < other->micros);
  return is_less ? left.to_string() : limit;
}

result<> LocalRuntime::give_way(RunId run, std::optional<RunId> to) {
  auto writer = client();
  if (!writer) return std::move(writer).error();
  const std::lock_guard lock(client_mutex_);
  return (*writer)->replace(run, to);
}

result<store::FileLock> LocalRuntime::replace(const Standing& standing, RunId by,
                                              const std::string& project, bool inherits,
                                              Making& making) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  const auto act = [&]() -> result<store::FileLock> {
    for (const auto& [run, overlap] : standing.in_the_way) {
      if (auto said = give_way(run, by); !said) return std::move(said).error();
      auto paused = pause(run.to_string());
      if (!paused && paused.error().kind != ErrorKind::conflict) return std::move(paused).error();
    }
    for (const auto& [run, overlap] : standing.in_the_way)
      if (auto rested = wait(run.to_string(), {}); !rested) return std::move(rested).error();
    auto lock = lock_making();
    if (!lock) return lock;
    for (const auto& [run, overlap] : standing.in_the_way)
      if (auto settled = refuse_unsettled(run, project); !settled)
        return std::move(settled).error();
    for (const auto& [run, overlap] : standing.in_the_way) {
      auto now_by = (*reader)->replaced_by(run);
      if (!now_by) return std::move(now_by).error();
      if (*now_by != by) continue;  // somebody has made it go on meanwhile
      auto cancelled = cancel(run.to_string());
      if (!cancelled && cancelled.error().kind != ErrorKind::conflict)
        return std::move(cancelled).error();
      if (!inherits) continue;
      auto limit = limit_with(run, making.max_cost);
      if (!limit) return std::move(limit).error();
      making.max_cost = std::move(*limit);
    }
    return lock;
  };
  auto done = act();
  if (!done)
    for (const auto& [run, overlap] : standing.in_the_way)
      if (auto said = give_way(run, std::nullopt); !said)
        environment_->log->error(on_one_line(said.error()));
  return done;
}

result<> LocalRuntime::see_off(RunId run) {
  if (auto rested = wait(run.to_string(), {}); !rested) return std::move(rested).error();
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  for (const auto begun = std::chrono::steady_clock::now();;) {
    auto row = (*reader)->run(run);
    if (!row) return std::move(row).error();
    auto by = (*reader)->replaced_by(run);
    if (!by) return std::move(by).error();
    if (is_final(row->run.state) || !*by) return {};
    if (std::chrono::steady_clock::now() - begun > left_to_others) break;
    if (auto waited = wait_a_little(); !waited) return waited;
  }
  return give_way(run, std::nullopt);  // whoever it was to make room for has gone
}

result<MakingView> LocalRuntime::make(const Making& asked) {
  auto services = board();
  if (!services) return std::move(services).error();
  Making making = asked;
  const bool goes_on = !asked.instead_of.empty();
  const bool inherits = goes_on || asked.max_cost.empty();
  const RunId next = new_run_id();
  std::optional<store::FileLock> lock;
  if (goes_on) {
    auto former = RunId::parse(asked.instead_of);
    if (!former) return std::move(former).error();
    auto limit = limit_with(*former, {});
    if (!limit) return std::move(limit).error();
    making.max_cost = std::move(*limit);
  }
  for (;;) {
    if (!lock) {
      auto locked = lock_making();
      if (!locked) return std::move(locked).error();
      lock.emplace(std::move(*locked));
    }
    auto opened = open_project(making.project);
    if (!opened) return std::move(opened).error();
    const std::string project = opened->project.name;
    auto history = history_of(project);
    if (!history) return std::move(history).error();
    auto prepared = prepare(making, std::move(*opened), *history, environment_->config.operations,
                            describe_file);
    if (!prepared) return std::move(prepared).error();
    MakingView view = show_making(**prepared);
    if (view.to_make == 0) return view;
    const Standing standing = standing_of(*history, **prepared);
    if (standing.giving_way) {
      lock.reset();
      if (auto gone = see_off(*standing.giving_way); !gone) return std::move(gone).error();
      continue;
    }
    if (standing.covering)
      return carry_on(*standing.covering, goes_on ? "" : asked.max_cost, std::move(view));
    // First everything that can be wrong, before a run is stopped for it.
    auto planned = plan_products(making, **prepared, *environment_, (*services)->table(),
                                 describe_file, definitions_);
    if (!planned) return std::move(planned).error();
    if (inherits) view.limit = making.max_cost;
    if (standing.in_the_way.empty())
      return submit_making(**prepared, *planned, next, std::move(view));
    lock.reset();  // what is under way may take long to end
    // What is replaced loses nothing that somebody has asked for: it is asked for with the rest.
    for (const auto& [run, overlap] : standing.in_the_way)
      ask_for_more(overlap, (*prepared)->opened, environment_->config.operations, making);
    auto replaced = replace(standing, next, project, inherits, making);
    if (!replaced) return std::move(replaced).error();
    lock.emplace(std::move(*replaced));
  }
}

result<MakingView> LocalRuntime::submit_making(Preparation& prepared, const Planned& planned,
                                               RunId run, MakingView view) {
  auto services = board();
  if (!services) return std::move(services).error();
  auto recent = recent_use();
  if (!recent) return std::move(recent).error();
  show_outlook(prepared, *planned.plan, *(*services)->table(), *recent, view);
  prepared.submission.id = run.to_string();
  auto submitted = submit_planned(prepared.submission, planned);
  if (!submitted) return std::move(submitted).error();
  view.run = *submitted;
  return view;
}

result<MakingView> LocalRuntime::carry_on(RunId run, std::string_view max_cost, MakingView view) {
  view.run = run.to_string();
  view.carries_on = true;
  if (auto resumed = resume(view.run, max_cost); !resumed) return std::move(resumed).error();
  return view;
}

}  // namespace weft::shell
