// SPDX-License-Identifier: Apache-2.0
// Products of projects: which task makes which, and what people said of it.
#include <boost/json/serialize.hpp>

#include "store/queries_state.hpp"
#include "store/writes.hpp"

namespace weft::store {

void Writes::insert_products(std::int64_t run, const Plan& plan) {
  for (const PlannedProduct& product : plan.products) {
    const std::string settings = json::serialize(product.settings);
    const std::string inputs = json::serialize(product.inputs);
    db_.run(
        "INSERT INTO product (run, no, project, name, output, settings, inputs) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        run, product.task, plan.project, product.name, product.output, settings, inputs);
  }
}

void Writes::put_mark(std::string_view project, const ProductMark& mark) {
  const std::int64_t run = find(mark.task.run).key;
  const std::string settings = json::serialize(mark.settings);
  const std::string inputs = json::serialize(mark.inputs);
  if (mark.kind == ProductMarkKind::pinned)
    db_.run("DELETE FROM product_mark WHERE project = ?1 AND name = ?2 AND kind = ?3", project,
            mark.name, mark.kind);
  db_.run(
      "INSERT OR REPLACE INTO product_mark (project, name, kind, run, no, settings, inputs, "
      "made_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      project, mark.name, mark.kind, run, mark.task.task, settings, inputs, now_());
}

void Writes::remove_mark(std::string_view project, const ProductMark& mark) {
  db_.run(
      "DELETE FROM product_mark WHERE project = ?1 AND name = ?2 AND kind = ?3 AND run = ?4 AND "
      "no = ?5",
      project, mark.name, mark.kind, find(mark.task.run).key, mark.task.task);
}

result<std::vector<ProductRow>> Queries::products(std::string_view project) {
  return state_->read([&](Connection& db) {
    std::vector<ProductRow> products;
    Rows rows = db.query(
        "SELECT p.name, r.id, p.no, r.state, y.replaced_by, t.state, t.wait_reason, p.output, "
        "p.settings, "
        "p.inputs, coalesce(o.outputs, 'null') FROM product p JOIN run r ON r.key = p.run "
        "JOIN run_payload y ON y.run = p.run JOIN task t ON t.run = p.run AND t.no = p.no "
        "LEFT JOIN task_payload o ON o.run = p.run AND o.no = p.no "
        "WHERE p.project = ?1 ORDER BY p.run, p.no",
        project);
    while (rows.next()) {
      ProductRow& row = products.emplace_back();
      rows.read(row.name, row.task.run, row.task.task, row.run_state, row.replaced_by, row.state,
                row.wait_reason, row.output, row.settings, row.inputs, row.outputs);
    }
    return products;
  });
}

result<std::vector<ProductMark>> Queries::product_marks(std::string_view project) {
  return state_->read([&](Connection& db) {
    std::vector<ProductMark> marks;
    Rows rows = db.query(
        "SELECT m.name, m.kind, coalesce(r.id, zeroblob(16)), iif(r.id IS NULL, -m.run, m.no), "
        "m.settings, m.inputs FROM product_mark m LEFT JOIN run r ON r.key = m.run "
        "WHERE m.project = ?1 ORDER BY m.made_at",
        project);
    while (rows.next()) {
      ProductMark& mark = marks.emplace_back();
      rows.read(mark.name, mark.kind, mark.task.run, mark.task.task, mark.settings, mark.inputs);
    }
    return marks;
  });
}

}  // namespace weft::store
