// SPDX-License-Identifier: Apache-2.0
#include "journal.hpp"

#include <utility>
#include <vector>

namespace weft::simulation {
namespace {

using Member = std::uint64_t Counts::*;
constexpr std::array<std::pair<std::string_view, Member>, 50> members{{
    {"steps", &Counts::steps},
    {"turns", &Counts::turns},
    {"commits", &Counts::commits},
    {"runs submitted", &Counts::submitted},
    {"runs finished", &Counts::finished},
    {"runs degraded", &Counts::degraded},
    {"runs forgotten", &Counts::archived},
    {"crashes", &Counts::crashes},
    {"crashes with work in flight", &Counts::crashes_with_work},
    {"batches lost in crashes", &Counts::lost_batches},
    {"failures of the store", &Counts::commit_failures},
    {"shutdowns", &Counts::shutdowns},
    {"runs fenced", &Counts::fencings},
    {"services changed", &Counts::services_changed},
    {"dispatches", &Counts::dispatches},
    {"dispatches of paid work", &Counts::paid_dispatches},
    {"attaches", &Counts::attaches},
    {"attaches by key", &Counts::attaches_by_key},
    {"fallbacks", &Counts::fallbacks},
    {"cancels of attempts", &Counts::cancels},
    {"interrupts", &Counts::interrupts},
    {"checkpoints", &Counts::checkpoints},
    {"bought again by permission", &Counts::rebuys},
    {"duplicate answers", &Counts::duplicate_answers},
    {"late answers", &Counts::late_answers},
    {"late results kept", &Counts::late_results},
    {"late results used", &Counts::late_results_used},
    {"budget refusals", &Counts::budget_refusals},
    {"pauses for budget", &Counts::budget_pauses},
    {"reservations refused by the store", &Counts::refused_reservations},
    {"commands", &Counts::commands},
    {"commands carried out", &Counts::commands_done},
    {"services taken out of use", &Counts::services_drained},
    {"probes", &Counts::probes},
    {"skips", &Counts::skips},
    {"tasks_grown", &Counts::grown},
    {"settled by hand", &Counts::settled},
    {"questions to people", &Counts::questions},
    {"questions that were answered", &Counts::answers},
    {"calms", &Counts::calms},
    {"comparisons with the store", &Counts::compared},
    {"takeovers beyond the slots", &Counts::overtaken_slots},
    {"services left alone", &Counts::opened},
    {"services tried out", &Counts::trials},
    {"services well again after a trial", &Counts::recovered},
    {"services paused", &Counts::pauses_of_services},
    {"restarts with a service left alone", &Counts::restarts_with_open},
    {"results looked for", &Counts::lookups},
    {"results taken", &Counts::results_taken},
    {"waits for the same work", &Counts::results_waited_for},
}};

}  // namespace

void Journal::note(std::string_view what, const AttemptRef& where, std::string_view detail) {
  mix(static_cast<std::uint64_t>(to_unix_ms(timeline_.now())));
  for (const char c : what) mix(static_cast<unsigned char>(c));
  mix(std::hash<RunId>{}(where.run));
  mix(std::uint64_t{where.task} << 32 | where.attempt);
  if (lines_at_most_ == 0) return;
  lines_.push_back({timeline_.now(), std::string(what), where, std::string(detail)});
  if (lines_.size() > lines_at_most_) lines_.pop_front();
}

std::string Journal::Line::to_string() const {
  const std::string time = std::to_string(to_unix_ms(at) - 1'700'000'000'000);
  std::string text = std::string(time.size() < 9 ? 9 - time.size() : 0, ' ') + time + "  ";
  if (!where.run.uuid.is_nil()) text += "run " + std::to_string(std::hash<RunId>{}(where.run));
  if (where.task != none) text += " task " + std::to_string(where.task);
  if (where.attempt != 0) text += " attempt " + std::to_string(where.attempt);
  text += "  " + what;
  if (!detail.empty()) text += ": " + detail;
  return text;
}

void Counts::add(const Counts& other) {
  for (const auto& [name, member] : members)
    if (member) this->*member += other.*member;
  for (const auto& [outcome, count] : other.outcomes) outcomes[outcome] += count;
}

std::string Counts::to_string() const {
  std::string text;
  const auto row = [&](const std::string& name, std::uint64_t count) {
    const std::string number = std::to_string(count);
    constexpr std::size_t width = 48;
    const std::size_t used = name.size() + number.size();
    text += "  " + name + std::string(used < width ? width - used : 1, ' ') + number + "\n";
  };
  for (const auto& [name, member] : members)
    if (member) row(std::string(name), this->*member);
  for (const auto& [outcome, count] : outcomes)
    row("outcome " + std::string(weft::to_string(outcome)), count);
  return text;
}

}  // namespace weft::simulation
