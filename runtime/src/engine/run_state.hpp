// SPDX-License-Identifier: Apache-2.0
// A loaded run inside the core. Nodes are narrow, because there may be a million; what only running
// or troubled tasks have lies beside them.
#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/lanes.hpp"
#include "model/plan.hpp"
#include "model/records.hpp"
#include "model/result_key.hpp"
#include "route/choose.hpp"
#include "route/ledger.hpp"

namespace weft::engine {

// Where a `ready` task stands on its way to `running`.
enum class Stage : std::uint8_t {
  none,
  delayed,    // until retry_at
  queued,     // in a lane, for a slot
  binding,    // holds a slot, its params are being made
  looking,    // holds a slot, a result that is there already is being looked for
  choosing,   // holds a slot, its service is being chosen
  following,  // holds nothing, waits for an attempt of another task that asks for the same
  homeless,   // no service can take it; looks again when the services change
};

// Holds a slot, and waits for an answer.
constexpr bool is_on_its_way(Stage stage) noexcept {
  return stage == Stage::binding || stage == Stage::looking || stage == Stage::choosing;
}

struct alignas(64) Node {                  // a line of the processor's cache
  TaskState state = TaskState::succeeded;  // a node that was not loaded has ended long ago
  WaitReason wait_reason = WaitReason::none;
  Stage stage = Stage::none;
  bool degraded = false;
  bool dirty = false;        // its row has to be written at the end of the turn
  bool under_way = false;    // has one of the places that its group has a limit of
  Claim claim;               // while binding or choosing
  std::uint32_t ticket = 0;  // goes up whenever an older lane entry or answer loses its meaning
  AttemptNo attempt = 0;
  std::uint32_t attempts_counted = 0;
  MaybeTimestamp ready_at;
  MaybeTimestamp retry_at;
  MaybeTimestamp queued_at;  // since when it waits for a slot or a service
  MaybeTimestamp ended_at;
};

static_assert(sizeof(Node) == 64);

// What adapters have to end after a cancel (sdk: adapter.h).
inline constexpr Duration time_to_end = std::chrono::seconds{10};

// Why a running attempt was told to end.
enum class StopCause : std::uint8_t {
  none,
  asked,
  attempt_timeout,
  task_deadline,
  run_deadline,
  shutdown
};

struct ActiveAttempt {
  AttemptRecord record;
  Claim claim;             // empty when only the outcome is unknown: nothing runs any more
  Timestamp timed_from{};  // when its timeouts began to count; pauses move it
  bool alive = false;      // has given a sign of life
  bool free = false;       // buys nothing
  bool local = false;
  bool in_question = false;  // attached after a restart: the service has not said what became of it
  bool recovered = false;    // a former process began it
  bool trial = false;        // it tries out a service that had been left alone
  bool suspected = false;    // has been running for long enough to speak against its service
  bool heard = false;        // its end is what the service says, or that it says nothing
  std::optional<Duration> run_limit;  // of this attempt, by its task or its service
  StopCause stop = StopCause::none;
  Timestamp stopped_at{};  // when it was told to
  Duration waited{};       // for a slot
};

// What a task has been through in its present allowance.
struct Trouble {
  struct Failure {
    std::string service;  // a name, because the table may change
    std::string reason;
  };
  std::vector<Failure> tried;   // in this round
  std::vector<Failure> barred;  // for good
  std::uint32_t failures = 0;
  std::int64_t spent_micros = 0;  // over all attempts ever, in the currency of the task's limit
};

// New nodes that are taken up some at a time, so that no step of the core takes long.
struct Growth {
  TaskNo task = 0;  // what they were made for
  TaskNo next = 0;
  TaskNo end = 0;
  bool edges_known = false;  // the plan had them when the run was loaded
};

// Of a group whose items may not all be under way at once.
struct Gate {
  std::uint32_t under_way = 0;
  // By item, in the order in which they will go: what of it waits for a place.
  std::map<TaskNo, std::vector<TaskNo>> held;
  // Items that are under way, and may have come to rest or have more that can go on by now.
  std::set<TaskNo> to_see;
};

struct Run {
  RunRecord record;
  std::shared_ptr<const Plan> plan;
  std::shared_ptr<Plan> growing;  // the same, nobody else's; null when it will not grow
  std::vector<Node> nodes;        // by TaskNo
  // By TaskNo; of a group: its unfinished items. Apart from the nodes, because the end of a task
  // looks at those of others, all over the run: these stay in the processor's cache.
  std::vector<std::uint32_t> open_dependencies;
  std::vector<std::uint32_t>
      first_edge;  // edges of node n: plan->edges[first_edge[n], first_edge[n + 1])
  std::unordered_map<TaskNo, std::vector<PlanEdge>> more_edges;  // that growth has added
  std::vector<Growth> growths;
  std::vector<TaskNo> stalled;  // of a failed run: could go on as soon as it does
  std::uint32_t gathering = 0;  // questions about nodes that stand for others, not answered yet
  std::unordered_map<TaskNo, Gate> gates;
  // Of groups that can do without some of their items: those that may have failed for good.
  std::unordered_map<TaskNo, std::set<TaskNo>> failing;
  bool has_special_groups = false;  // with a limit, or that can do without some of their items
  std::vector<TaskNo> late;         // what runs once nothing else moves
  bool late_begun = false;
  std::array<std::uint32_t, 8>
      count{};  // nodes by TaskState; ended ones that were not loaded are not counted
  boost::unordered_flat_map<TaskNo, ActiveAttempt>
      active;  // attempts that run, or whose outcome is unknown
  boost::unordered_flat_map<TaskNo, Trouble> trouble;
  std::vector<Command> held;  // wait until nothing they are about is in question
  // Of tasks that wait for a choice: what may be chosen, once somebody has asked; none: not yet.
  boost::unordered_flat_map<TaskNo, std::optional<json::array>> choices;
  std::vector<TaskNo> dirty_nodes;
  route::Ledger ledger;
  // By what the results of running attempts will be known to tasks that ask for the same.
  boost::unordered_flat_map<TaskNo, std::shared_ptr<const ResultKey>> keys;
  // What is being made for tasks that follow others.
  boost::unordered_flat_map<TaskNo, std::shared_ptr<const ResultKey>> following;
  std::uint64_t run_seq = 0;
  bool dirty = false;     // the run's row has to be written
  bool touched = false;   // may have come to rest in this step
  bool in_batch = false;  // its epoch stands in the present batch
  bool binding_outputs = false;
  // By definition of each pipeline, from lane_base of the scope on: where an untroubled task
  // queues; Claim::none: not asked yet.
  std::vector<LaneNo> lane_of;
  std::vector<std::uint32_t> lane_base;
  std::unordered_map<const Pipeline*, std::uint32_t> lanes_from;

  std::uint32_t in_state(TaskState state) const noexcept {
    return count[static_cast<std::size_t>(state)];
  }
  const TaskDefinition& definition(TaskNo task) const { return plan->definition(task); }
  LaneNo& lane(TaskNo task) {
    const PlanNode& node = plan->nodes[task];
    return lane_of[lane_base[node.scope] + node.definition];
  }
  // Nodes that follow each other in time lie anywhere in a large run, and waiting for memory took
  // longer than all else: it is asked for some steps ahead. Inlined always, because g++ takes a
  // function that does nothing else for one without effect, and drops the call.
  // The node is next to leave its queue,
  [[gnu::always_inline]] void foresee_start(TaskNo task) const noexcept {
    __builtin_prefetch(&nodes[task]);
    __builtin_prefetch(&plan->nodes[task]);
    if (task < first_edge.size()) __builtin_prefetch(&first_edge[task]);
  }
  // it runs,
  [[gnu::always_inline]] void foresee_end(TaskNo task) const noexcept {
    if (task < first_edge.size()) __builtin_prefetch(plan->edges.data() + first_edge[task]);
  }
  // it has ended, and those that wait for it may go on.
  [[gnu::always_inline]] void foresee_dependents(TaskNo task) const noexcept {
    for (const PlanEdge& edge : first_edges(task)) {
      __builtin_prefetch(&open_dependencies[edge.to]);
      __builtin_prefetch(&nodes[edge.to]);
      __builtin_prefetch(&plan->nodes[edge.to]);
    }
  }
  // Those that lead out of the node and were known when the run was loaded.
  std::span<const PlanEdge> first_edges(TaskNo task) const noexcept {
    if (task + 1 >= first_edge.size()) return {};
    return {plan->edges.data() + first_edge[task], first_edge[task + 1] - first_edge[task]};
  }
  // Calls `use` with each edge that leads out of the node.
  template <class Use>
  void for_each_edge(TaskNo task, const Use& use) const {
    for (const PlanEdge& edge : first_edges(task)) use(edge);
    if (more_edges.empty()) return;
    if (const auto found = more_edges.find(task); found != more_edges.end())
      for (std::size_t i = 0; i < found->second.size(); ++i) use(PlanEdge(found->second[i]));
  }
};

}  // namespace weft::engine
