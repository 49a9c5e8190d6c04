// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <stdexcept>

#include "faults/fault.hpp"
#include "faults/on_events.hpp"
#include "faults/on_store.hpp"

namespace weft::simulation {
namespace {

template <class T>
std::unique_ptr<Fault> make() {
  return std::make_unique<T>();
}

struct Entry {
  FaultName name;
  std::unique_ptr<Fault> (*make)();
};

constexpr std::array entries{
    Entry{{"act_before_commit", "jobs are dispatched before their intent is durable"},
          make<ActBeforeCommit>},
    Entry{{"publish_before_commit", "commands are answered before the answer is durable"},
          make<PublishBeforeCommit>},
    Entry{{"checkpoint_forgotten", "checkpoints do not reach the store"},
          make<CheckpointForgotten>},
    Entry{{"token_forgotten", "attempts are loaded without their tokens"}, make<TokenForgotten>},
    Entry{{"dispatched_again", "recovery takes running tasks for ready ones"},
          make<DispatchedAgain>},
    Entry{{"run_not_loaded", "recovery overlooks runs"}, make<RunNotLoaded>},
    Entry{{"pause_forgotten", "paused runs are loaded as active ones"}, make<PauseForgotten>},
    Entry{{"question_forgotten", "a restart asks people again"}, make<QuestionForgotten>},
    Entry{{"rejection_ignored", "a no is taken for a yes"}, make<RejectionIgnored>},
    Entry{{"trial_unsaid", "that a task tries a service out does not reach the store"},
          make<TrialUnsaid>},
    Entry{{"health_forgotten", "a restart takes every service for a healthy one"},
          make<HealthForgotten>},
    Entry{{"rate_forgotten", "a restart fills the bucket of every rate limit"},
          make<RateForgotten>},
    Entry{{"drain_forgotten", "a restart puts every service back into use"}, make<DrainForgotten>},
    Entry{{"refusals_forgotten", "a restart forgets which services refused a task"},
          make<RefusalsForgotten>},
    Entry{{"wrong_result", "a task gets what was found for another key"}, make<WrongResult>},
    Entry{{"lookup_lost", "some questions for results are never answered"}, make<LookupLost>},
    Entry{{"keys_forgotten", "a restart forgets by what results will be known"},
          make<KeysForgotten>},
    Entry{{"key_confused", "a result is kept under the key of another one"}, make<KeyConfused>},
    Entry{{"batch_lost", "the store confirms a batch and loses it"}, make<BatchLost>},
    Entry{{"reservation_kept", "reservations outlive their attempts"}, make<ReservationKept>},
    Entry{{"refusal_ignored", "what the ledger refuses is sent all the same"},
          make<RefusalIgnored>},
    Entry{{"counted_twice", "each failed attempt counts as two"}, make<CountedTwice>},
    Entry{{"any_epoch", "a run that was lost is written to as if it were owned"}, make<AnyEpoch>},
    Entry{{"fencing_ignored", "nobody hears that a run was lost"}, make<FencingIgnored>},
    Entry{{"answer_lost", "some answers of services do not arrive"}, make<AnswerLost>},
    Entry{{"answer_taken_twice", "the answer of one attempt counts for the next one as well"},
          make<AnswerTakenTwice>},
    Entry{{"unknown_retried", "an unknown outcome is taken for a failure"}, make<UnknownRetried>},
    Entry{{"cancel_forgotten", "cancels do not reach services"}, make<CancelForgotten>},
    Entry{{"released_early", "tasks do not wait for all that they need"}, make<ReleasedEarly>},
    Entry{{"deadline_ignored", "timeouts of tasks are overlooked"}, make<DeadlineIgnored>},
    Entry{{"limit_ignored", "groups have as many items under way as there are slots"},
          make<LimitIgnored>},
    Entry{{"last_comes_first", "tasks with on_failure or finally run like any other"},
          make<LastComesFirst>},
    Entry{{"growth_dropped", "nodes that a run has come to have never reach the store"},
          make<GrowthDropped>},
    Entry{{"price_forgotten", "paid services are taken for free ones"}, make<PriceForgotten>},
    Entry{{"slot_withheld", "a slot of each class is never given back"}, make<SlotWithheld>},
    Entry{{"alarm_lost", "some alarms never ring"}, make<AlarmLost>},
    Entry{{"wakeup_lost", "some turns are not taken"}, make<WakeupLost>},
};

constexpr auto names = [] {
  std::array<FaultName, entries.size()> list{};
  for (std::size_t i = 0; i < entries.size(); ++i) list[i] = entries[i].name;
  return list;
}();

}  // namespace

std::span<const FaultName> fault_names() noexcept {
  return names;
}

std::unique_ptr<Fault> make_fault(const std::string& name) {
  if (name.empty()) return std::make_unique<Fault>();
  for (const Entry& entry : entries)
    if (entry.name.name == name) return entry.make();
  throw std::invalid_argument("there is no fault '" + name + "'");
}

}  // namespace weft::simulation
