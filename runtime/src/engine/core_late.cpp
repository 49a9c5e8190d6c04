// SPDX-License-Identifier: Apache-2.0
// Tasks with `on_failure` or `finally`: they run once nothing else in the run moves, and before it
// comes to rest.
#include <algorithm>

#include "engine/core.hpp"

namespace weft::engine {

void Core::begin_late(Run& run) {
  run.late_begun = true;
  look_again_ = true;
  touch(run);
  const bool failed = run.in_state(TaskState::failed) > 0;
  for (const TaskNo no : run.late) {
    if (run.nodes[no].state != TaskState::pending) continue;
    if (run.definition(no).occasion == Occasion::on_failure && !failed)
      skip(run, no, "nothing has failed");
    else if (--run.open_dependencies[no] == 0)
      make_ready(run, no);
  }
}

// What has failed is tried again: they will have their turn anew, unless they are at it.
void Core::take_back_late(Run& run, const std::vector<TaskNo>& retried) {
  const bool goes_on = std::any_of(retried.begin(), retried.end(), [&](TaskNo no) {
    return run.nodes[no].state == TaskState::failed &&
           run.definition(no).occasion == Occasion::ordinary;
  });
  const bool under_way = std::any_of(run.late.begin(), run.late.end(), [&](TaskNo no) {
    return run.nodes[no].state == TaskState::running || run.nodes[no].state == TaskState::waiting;
  });
  if (!goes_on || under_way || !std::exchange(run.late_begun, false)) return;
  for (const TaskNo no : run.late) {
    run.open_dependencies[no] = 1;
    forget_trouble(run, no);
    leave_queue(run, no);
    if (run.nodes[no].state != TaskState::pending) set_state(run, no, TaskState::pending);
  }
  for (const PlanEdge& edge : run.plan->edges)
    if (run.definition(edge.to).occasion != Occasion::ordinary) ++run.open_dependencies[edge.to];
}

}  // namespace weft::engine
