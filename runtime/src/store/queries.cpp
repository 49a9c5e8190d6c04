// SPDX-License-Identifier: Apache-2.0
// Opening; runs and pipelines. Tasks are in queries_task.cpp, all else in queries_log.cpp.
#include "store/queries.hpp"

#include <boost/json/array.hpp>

#include "store/queries_state.hpp"
#include "store/rows.hpp"
#include "store/schema.hpp"

namespace weft::store {
namespace {

Error no_run(const std::string& name) {
  return not_found("there is no run " + name, "'weft runs' lists them");
}

RunView read_view(const Rows& rows) {
  RunView view;
  view.run = read_run(rows, view.owner);
  return view;
}

// Reading needs the files -wal and -shm as well; who may not make them can only read while they
// are there.
Error cannot_open(Error error, const std::filesystem::path& folder) {
  if (error.kind == ErrorKind::machine)
    error.remedy +=
        "; to read it, this user needs the right to read weft.db, weft.db-wal and "
        "weft.db-shm in " +
        folder.string();
  return error;
}

std::string_view row_text(const json::value& names, std::uint32_t definition, std::size_t column) {
  if (!names.is_array() || definition >= names.get_array().size()) return {};
  const json::array* row = names.get_array()[definition].if_array();
  const json::string* text = row && column < row->size() ? (*row)[column].if_string() : nullptr;
  return text ? std::string_view(*text) : std::string_view();
}

// Bounds of the ids that begin with these hex digits; nothing when the text is no such beginning.
struct IdRange {
  Uuid first;
  Uuid last;
};
std::optional<IdRange> ids_that_begin(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != '-') digits += c;
  constexpr std::size_t all_digits = 32;
  if (digits.empty() || digits.size() > all_digits) return std::nullopt;
  const auto parse = [&](char filler) {
    std::string whole = digits + std::string(all_digits - digits.size(), filler);
    for (const std::size_t dash : {8U, 13U, 18U, 23U}) whole.insert(dash, 1, '-');
    return Uuid::parse(whole);
  };
  const auto first = parse('0');
  const auto last = parse('f');
  if (!first || !last) return std::nullopt;
  return IdRange{*first, *last};
}

constexpr std::string_view pipeline_select =
    "SELECT v.hash, v.name, v.canonical, v.source, v.format, v.created_at "
    "FROM pipeline_version v ";

PipelineVersion read_pipeline(const Rows& rows) {
  PipelineVersion version;
  rows.read(version.hash, version.name, version.canonical, version.source, version.format,
            version.created_at);
  return version;
}

}  // namespace

std::int64_t Queries::State::key_of(RunId run) {
  const auto key = db->value(std::int64_t{0}, "SELECT key FROM run WHERE id = ?1", run);
  if (key == 0) db->fail(no_run(run.to_string()));
  return key;
}

// The tasks of a query whose first columns are task_columns, then: p.permille, p.stage, t.label,
// t.operation.
std::vector<TaskView> Queries::State::read_tasks(Rows& rows, const json::value& names) {
  std::vector<TaskView> views;
  while (rows.next()) {
    TaskView& view = views.emplace_back();
    view.task = read_task(rows);
    std::optional<std::int32_t> permille;
    std::optional<std::string> label, operation;
    std::string stage;
    rows.read_from(task_column_count, permille, stage, label, operation);
    const std::string item =
        view.task.item == UINT32_MAX ? "" : "[" + std::to_string(view.task.item) + "]";
    if (label) {
      view.name = label->substr(0, label->size() - item.size());
      view.operation = operation.value_or("");
    } else {
      view.name = row_text(names, view.task.definition, 0);
      view.operation = row_text(names, view.task.definition, 1);
    }
    view.label = view.name + item;
    if (permille) view.progress = ProgressRecord{view.task.no, *permille, std::move(stage)};
  }
  return views;
}

json::value Queries::State::task_names(std::int64_t run) {
  return db->value(json::value(),
                   "SELECT v.tasks FROM run r JOIN pipeline_version v "
                   "ON v.key = r.pipeline_version WHERE r.key = ?1",
                   run);
}

namespace {

// A power cut while the database was made may leave a rollback journal beside it, which who only
// reads cannot take back. Whoever may not write either is told so when he reads.
void take_back_journal(const Options& options) {
  std::error_code ignored;
  if (std::filesystem::exists(database_file(options.folder).string() + "-journal", ignored))
    (void)Connection::open(options, Connection::Mode::write);
}

}  // namespace

Queries::Queries(std::unique_ptr<State> state) : state_(std::move(state)) {}
Queries::~Queries() = default;

result<std::unique_ptr<Queries>> Queries::open(const Options& options) {
  const auto nothing_yet = [&] {
    return not_found("nothing has run in " + options.folder.string() + " yet",
                     "name the state folder that was used, or run a pipeline first");
  };
  std::error_code error;
  if (!std::filesystem::exists(database_file(options.folder), error) && !error)
    return nothing_yet();
  take_back_journal(options);
  auto connection = Connection::open(options, Connection::Mode::read);
  if (!connection) return cannot_open(connection.error(), options.folder);
  if (has_no_tables(**connection)) return nothing_yet();
  if (auto checked = check_version(**connection); !checked) return checked.error();
  return std::unique_ptr<Queries>(new Queries(std::make_unique<State>(*std::move(connection))));
}

Queries::Snapshot::Snapshot(Queries& queries) : queries_(queries) {
  queries_.state_->mutex.lock();
  queries_.state_->begin();
}
Queries::Snapshot::~Snapshot() {
  queries_.state_->end();
  // SQLite may have ended it because of an error, which the read that met it has told.
  if (!queries_.state_->db->ok()) queries_.state_->db->take_error();
  queries_.state_->mutex.unlock();
}

result<std::vector<RunView>> Queries::runs(const RunFilter& filter, std::uint32_t limit) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({"SELECT ", run_columns, " FROM ", run_tables,
             " WHERE (?1 IS NULL OR r.state = ?1) AND (?2 = '' OR r.pipeline_name = ?2) "
             "ORDER BY r.key DESC LIMIT ?3"});
    std::vector<RunView> views;
    for (Rows rows = db.query(select, filter.state, filter.pipeline_name, limit); rows.next();)
      views.push_back(read_view(rows));
    return views;
  });
}

result<RunView> Queries::run(RunId id) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({"SELECT ", run_columns, " FROM ", run_tables, " WHERE r.id = ?1"});
    Rows rows = db.query(select, id);
    if (rows.next()) return read_view(rows);
    db.fail(no_run(id.to_string()));
    return RunView();
  });
}

result<RunView> Queries::find_run(std::string_view id_or_prefix) {
  const auto range = ids_that_begin(id_or_prefix);
  if (!range) return no_run("'" + std::string(id_or_prefix) + "'");
  return state_->read([&](Connection& db) {
    static const std::string select = sql({"SELECT ", run_columns, " FROM ", run_tables,
                                           " WHERE r.id BETWEEN ?1 AND ?2 ORDER BY r.id LIMIT 2"});
    RunView found;
    Rows rows = db.query(select, range->first, range->last);
    if (!rows.next()) {
      db.fail(no_run("'" + std::string(id_or_prefix) + "'"));
      return found;
    }
    found = read_view(rows);
    if (rows.next())
      db.fail(invalid("more than one run begins with '" + std::string(id_or_prefix) + "': " +
                          found.run.id.to_string() + " and " + read_view(rows).run.id.to_string(),
                      "give more of the id"));
    return found;
  });
}

namespace {

TaskCounts read_counts(Rows rows) {
  TaskCounts counts{};
  while (rows.next()) {
    std::size_t state = 0;
    std::uint32_t count = 0;
    rows.read(state, count);
    counts.at(state) = count;
  }
  return counts;
}

}  // namespace

result<TaskCounts> Queries::task_counts(RunId run) {
  return state_->read([&](Connection& db) {
    return read_counts(
        db.query("SELECT state, count(*) FROM task WHERE run = ?1 AND is_group = 0 GROUP BY state",
                 state_->key_of(run)));
  });
}

result<TaskCounts> Queries::work_counts(RunId run) {
  return state_->read([&](Connection& db) {
    // What has no operation of its own has a body. Of what stands in a body the row says so itself,
    // of others the pipeline.
    const std::int64_t key = state_->key_of(run);
    TaskCounts counts =
        read_counts(db.query("SELECT state, count(*) FROM task WHERE run = ?1 AND is_group = 0 AND "
                             "(operation IS NULL OR operation <> '') GROUP BY state",
                             key));
    const json::value names = state_->task_names(key);
    if (!names.is_array()) return counts;
    for (std::size_t definition = 0; definition < names.get_array().size(); ++definition) {
      if (names.get_array()[definition].at(1) != "") continue;
      const TaskCounts bodies =
          read_counts(db.query("SELECT state, count(*) FROM task WHERE run = ?1 AND is_group = 0 "
                               "AND operation IS NULL AND definition = ?2 GROUP BY state",
                               key, definition));
      for (std::size_t state = 0; state < counts.size(); ++state) counts[state] -= bodies[state];
    }
    return counts;
  });
}

result<json::object> Queries::run_inputs(RunId run) {
  return state_->read([&](Connection& db) {
    return db.value(json::object(), "SELECT inputs FROM run_payload WHERE run = ?1",
                    state_->key_of(run));
  });
}

result<json::value> Queries::run_outputs(RunId run) {
  return state_->read([&](Connection& db) {
    return db.value(json::value(), "SELECT outputs FROM run_payload WHERE run = ?1",
                    state_->key_of(run));
  });
}

result<json::value> Queries::run_output_errors(RunId run) {
  return state_->read([&](Connection& db) {
    return db.value(json::value(), "SELECT output_errors FROM run_payload WHERE run = ?1",
                    state_->key_of(run));
  });
}

result<std::vector<LedgerTotal>> Queries::ledger(RunId run) {
  return state_->read([&](Connection& db) {
    std::vector<LedgerTotal> totals;
    Rows rows = db.query(
        "SELECT currency, spent_micros, reserved_micros FROM ledger_total WHERE run = ?1 "
        "AND (spent_micros > 0 OR reserved_micros > 0)",
        state_->key_of(run));
    while (rows.next()) {
      LedgerTotal& total = totals.emplace_back();
      rows.read(total.currency, total.spent_micros, total.reserved_micros);
    }
    return totals;
  });
}

result<std::vector<RunId>> Queries::unfinished_runs() {
  return state_->read([](Connection& db) {
    return read_all<RunId>(
        db.query("SELECT id FROM run INDEXED BY run_unfinished WHERE state < 2 ORDER BY key"));
  });
}

result<std::vector<RunId>> Queries::unclaimed_runs() {
  return state_->read([](Connection& db) {
    return read_all<RunId>(
        db.query("SELECT id FROM run INDEXED BY run_unclaimed WHERE epoch = 0 ORDER BY key"));
  });
}

result<std::optional<RunId>> Queries::forked_from(RunId run) {
  return state_->read([&](Connection& db) {
    return db.value(std::optional<RunId>{}, "SELECT forked_from FROM run_payload WHERE run = ?1",
                    state_->key_of(run));
  });
}

result<std::optional<RunId>> Queries::replaced_by(RunId run) {
  return state_->read([&](Connection& db) {
    return db.value(std::optional<RunId>{}, "SELECT replaced_by FROM run_payload WHERE run = ?1",
                    state_->key_of(run));
  });
}

result<PipelineVersion> Queries::pipeline(const Digest& hash) {
  return state_->read([&](Connection& db) {
    static const std::string select = sql({pipeline_select, "WHERE v.hash = ?1"});
    Rows rows = db.query(select, hash);
    if (rows.next()) return read_pipeline(rows);
    db.fail(not_found("there is no pipeline " + hash.to_string()));
    return PipelineVersion();
  });
}

result<std::vector<PipelineVersion>> Queries::pipelines(std::string_view name,
                                                        std::uint32_t limit) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({pipeline_select, "WHERE ?1 IN ('', v.name) ORDER BY v.key DESC LIMIT ?2"});
    std::vector<PipelineVersion> versions;
    for (Rows rows = db.query(select, name, limit); rows.next();)
      versions.push_back(read_pipeline(rows));
    return versions;
  });
}

}  // namespace weft::store
