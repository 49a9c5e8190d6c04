// SPDX-License-Identifier: Apache-2.0
// Definitions that people keep under their names, in numbered versions.
#include "base/text.hpp"
#include "store/queries_state.hpp"
#include "store/rows.hpp"
#include "store/writes.hpp"

namespace weft::store {
namespace {

constexpr std::string_view saved_select =
    "SELECT name, number, hash, source, format, author, message, saved_at FROM saved_pipeline ";

SavedPipeline read_saved(const Rows& rows) {
  SavedPipeline saved;
  rows.read(saved.name, saved.number, saved.hash, saved.source, saved.format, saved.author,
            saved.message, saved.saved_at);
  return saved;
}

// The newest version of the name; none: number 0.
SavedPipeline newest_of(Connection& db, std::string_view name) {
  static const std::string select =
      sql({saved_select, "WHERE name = ?1 ORDER BY number DESC LIMIT 1"});
  Rows rows = db.query(select, name);
  return rows.next() ? read_saved(rows) : SavedPipeline{};
}

Error no_version(Connection& db, std::string_view name, std::uint32_t number,
                 std::uint32_t newest) {
  const std::string text = "'" + excerpt(name, 100) + "'";
  if (newest > 0)
    return not_found(
        "there is no version " + std::to_string(number) + " of the pipeline " + text,
        "the newest is " + std::to_string(newest) + "; 'weft pipeline list NAME' lists them");
  std::vector<std::string> names;
  for (Rows rows = db.query("SELECT DISTINCT name FROM saved_pipeline ORDER BY name"); rows.next();)
    rows.read(names.emplace_back());
  const std::string meant = suggest(name, names);
  return not_found("no pipeline " + text + " is saved",
                   meant.empty() ? "save one: weft pipeline save FILE" : meant);
}

}  // namespace

SavedPipeline Writes::save_pipeline(const SavedPipeline& saved, bool& is_new) {
  SavedPipeline newest = newest_of(db_, saved.name);
  is_new = newest.number == 0 || newest.hash != saved.hash;
  if (!is_new) return newest;
  const std::uint32_t number = newest.number + 1;
  db_.run(
      "INSERT INTO saved_pipeline (name, number, hash, source, format, author, message, saved_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      saved.name, number, saved.hash, saved.source, saved.format, saved.author, saved.message,
      now_());
  return newest_of(db_, saved.name);
}

result<std::vector<SavedPipeline>> Queries::saved_pipelines(std::string_view name) {
  return state_->read([&](Connection& db) {
    static const std::string select =
        sql({saved_select, "WHERE ?1 IN ('', name) ORDER BY name, number DESC"});
    std::vector<SavedPipeline> all;
    for (Rows rows = db.query(select, name); rows.next();) all.push_back(read_saved(rows));
    return all;
  });
}

result<SavedPipeline> Queries::saved_pipeline(std::string_view name, std::uint32_t number) {
  return state_->read([&](Connection& db) {
    const SavedPipeline newest = newest_of(db, name);
    if (newest.number > 0 && (number == 0 || number == newest.number)) return newest;
    static const std::string select = sql({saved_select, "WHERE name = ?1 AND number = ?2"});
    if (Rows rows = db.query(select, name, number); rows.next()) return read_saved(rows);
    db.fail(no_version(db, name, number, newest.number));
    return SavedPipeline{};
  });
}

}  // namespace weft::store
