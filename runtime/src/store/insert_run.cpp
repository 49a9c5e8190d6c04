// SPDX-License-Identifier: Apache-2.0
// How a new run comes into the store: its pipeline version, its row, tasks, edges and artifacts.
#include <algorithm>
#include <boost/json/serialize.hpp>

#include "store/writes.hpp"

namespace weft::store {
namespace {

// [["name", "operation"], ...], so that tasks can be shown without reading the definition.
std::string task_names(const Pipeline& pipeline) {
  json::array names;
  for (const TaskDefinition& task : pipeline.tasks)
    names.push_back(json::array{task.name, task.operation ? task.operation->name : ""});
  return json::serialize(names);
}

}  // namespace

bool Writes::insert(const InsertRun& insert) {
  const RunRecord& row = insert.run;
  if (find(row.id).key != 0) return false;
  const std::int64_t version = pipeline_version(*insert.plan->root().pipeline);
  const std::string_view owner = row.epoch == 0 ? std::string_view() : owner_;
  db_.run(
      "INSERT INTO run (id, pipeline_version, pipeline_name, state, pause_reason, degraded, "
      "cancelling, priority, limit_micros, limit_currency, created_at, ended_at, deadline, "
      "paused_for, paused_at, task_count, owner, epoch, fresh) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
      "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
      row.id, version, row.pipeline_name, row.state, row.pause_reason, row.degraded, row.cancelling,
      row.priority, row.limit, row.created_at, row.ended_at, row.deadline, row.paused_for,
      row.paused_at, insert.plan->nodes.size(), owner, row.epoch, row.fresh);
  const std::int64_t run = find(row.id).key;
  const std::string inputs = json::serialize(insert.plan->root().inputs);
  db_.run("INSERT INTO run_payload (run, inputs) VALUES (?1, ?2)", run, inputs);
  insert_tasks(run, *insert.plan);
  insert_edges(run, insert.plan->edges);
  insert_products(run, *insert.plan);
  put_artifacts(run, RefKind::run_input, -1, insert.plan->root().inputs);
  if (insert.taken_over) take_over(run, *insert.taken_over);
  return true;
}

void Writes::take_over(std::int64_t run, const TakenOver& taken) {
  db_.run("UPDATE run_payload SET forked_from = ?2 WHERE run = ?1", run, taken.from);
  for (const TakenOver::Task& task : taken.tasks) {
    db_.run("UPDATE task SET state = ?3, degraded = ?4, ended_at = ?5 WHERE run = ?1 AND no = ?2",
            run, task.no, task.state, task.degraded, task.ended_at);
    if (task.outputs.empty()) continue;
    const std::string outputs = json::serialize(task.outputs);
    db_.run("INSERT INTO task_payload (run, no, outputs) VALUES (?1, ?2, ?3)", run, task.no,
            outputs);
    put_artifacts(run, RefKind::task_output, std::int64_t{task.no}, task.outputs);
  }
}

std::int64_t Writes::pipeline_version(const Pipeline& pipeline) {
  constexpr std::string_view by_hash = "SELECT key FROM pipeline_version WHERE hash = ?1";
  if (const auto key = db_.value(std::int64_t{0}, by_hash, pipeline.hash); key != 0) return key;
  const std::string text = canonical(pipeline.canonical);
  const std::string names = task_names(pipeline);
  db_.run(
      "INSERT INTO pipeline_version (hash, name, canonical, source, format, tasks, created_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
      pipeline.hash, pipeline.name, text, pipeline.source, pipeline.format, names, now_());
  return db_.value(std::int64_t{0}, by_hash, pipeline.hash);
}

void Writes::insert_task(std::int64_t run, TaskNo no, const PlanNode& node) {
  db_.run(
      "INSERT INTO task (run, no, definition, item, is_group, item_count, state, wait_reason, "
      "degraded, attempt, attempts_counted) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, 0)",
      run, no, node.definition,
      node.item == PlanNode::no_item ? std::int64_t{-1} : std::int64_t{node.item}, node.group,
      node.item_count, TaskState::pending);
}

void Writes::name_task(std::int64_t run, TaskNo no, const InnerName& name) {
  db_.run("UPDATE task SET label = ?3, operation = ?4 WHERE run = ?1 AND no = ?2", run, no,
          name.label, name.operation);
}

void Writes::insert_tasks(std::int64_t run, const Plan& plan) {
  for (TaskNo no = 0; no < plan.nodes.size(); ++no) {
    insert_task(run, no, plan.nodes[no]);
    if (plan.nodes[no].scope != 0) name_task(run, no, inner_name(plan, no));
    if (plan.definition(no).occasion != Occasion::ordinary)
      db_.run("INSERT INTO late_task (run, no) VALUES (?1, ?2)", run, no);
  }
}

void Writes::insert_edges(std::int64_t run, std::vector<PlanEdge> edges) {
  // In the order of the table's key, so that rows are appended page by page.
  std::sort(edges.begin(), edges.end(), [](const PlanEdge& a, const PlanEdge& b) {
    return a.to != b.to ? a.to < b.to : a.from < b.from;
  });
  for (const PlanEdge& edge : edges)
    db_.run("INSERT INTO task_edge (run, no, needs, carries_skip) VALUES (?1, ?2, ?3, ?4)", run,
            edge.to, edge.from, edge.carries_skip);
}

void Writes::write(std::int64_t run, const PutExpansion& put) {
  db_.run("INSERT INTO expansion (run, first, no, detail) VALUES (?1, ?2, ?3, ?4)", run, put.first,
          put.task, *put.detail);
  db_.run("UPDATE run SET task_count = ?2 WHERE key = ?1", run, put.task_count);
  if (put.item_count > 0)
    db_.run("UPDATE task SET item_count = ?3 WHERE run = ?1 AND no = ?2", run, put.task,
            put.item_count);
}

void Writes::write(std::int64_t run, const InsertTasks& insert) {
  const GrownTasks& grown = *insert.tasks;
  for (std::size_t i = 0; i < grown.nodes.size(); ++i) {
    const TaskNo no = grown.first + static_cast<TaskNo>(i);
    insert_task(run, no, grown.nodes[i]);
    if (!grown.names.empty()) name_task(run, no, grown.names[i]);
  }
  insert_edges(run, grown.edges);
}

void Writes::put_artifacts(std::int64_t run, RefKind kind, std::int64_t no,
                           const json::value& value) {
  if (const auto* list = value.if_array()) {
    for (const json::value& element : *list) put_artifacts(run, kind, no, element);
  } else if (const auto* object = value.if_object()) {
    if (const auto artifact = artifact_from_json(value))
      put_artifact(run, kind, no, *artifact);
    else
      put_artifacts(run, kind, no, *object);
  }
}

void Writes::put_artifacts(std::int64_t run, RefKind kind, std::int64_t no,
                           const json::object& object) {
  for (const auto& member : object) put_artifacts(run, kind, no, member.value());
}

void Writes::put_artifact(std::int64_t run, RefKind kind, std::int64_t no,
                          const ArtifactInfo& artifact) {
  db_.run(
      "INSERT INTO artifact (digest, size_bytes, media_type, created_at) VALUES (?1, ?2, ?3, ?4) "
      "ON CONFLICT (digest) DO NOTHING",
      artifact.digest, artifact.size_bytes, artifact.media_type, now_());
  db_.run(
      "INSERT INTO artifact_ref (digest, kind, run, no, name) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT (digest, kind, run, no) DO NOTHING",
      artifact.digest, kind, run, no, artifact.name);
}

}  // namespace weft::store
