// SPDX-License-Identifier: Apache-2.0
// What is kept about services: history, secrets, their own small values.
#include <utility>

#include "store/queries_state.hpp"

namespace weft::store {
namespace {

ServiceMinute read_minute(const Rows& rows) {
  ServiceMinute row;
  std::string latency;
  json::object cost;
  rows.read(row.minute, row.service, row.operation, row.use.ended, row.use.succeeded,
            row.use.faults, row.use.waited, latency, cost, row.use.usage.cpu,
            row.use.usage.memory_bytes, row.use.usage.gpu_memory_bytes, row.use.usage.queue_place);
  row.use.latency = LatencySketch::from_text(latency).value_or(LatencySketch{});
  for (const json::key_value_pair& entry : cost)
    if (const std::int64_t* micros = entry.value().if_int64())
      row.use.cost_micros[std::string(entry.key())] = *micros;
  return row;
}

}  // namespace

result<std::vector<ServiceMinute>> Queries::service_use(Timestamp since) {
  return state_->read([&](Connection& db) {
    std::vector<ServiceMinute> all;
    Rows rows = db.query(
        "SELECT minute, service, operation, ended, succeeded, faults, waited, latency, cost, "
        "cpu_ms, memory_bytes, gpu_memory_bytes, queue_place "
        "FROM service_minute WHERE minute >= ?1 ORDER BY service, operation, minute",
        since);
    while (rows.next()) {
      ServiceMinute row = read_minute(rows);
      if (!all.empty() && all.back().service == row.service &&
          all.back().operation == row.operation)
        all.back().use.merge(row.use);
      else
        all.push_back(std::move(row));
    }
    return all;
  });
}

result<std::vector<ServiceHealth>> Queries::service_health() {
  return state_->read([](Connection& db) {
    std::vector<ServiceHealth> all;
    Rows rows = db.query(
        "SELECT service, state, reason, changed_at, open_until, account, times_opened, "
        "paused_until, rate_mark_us, taken_out FROM service_health ORDER BY service");
    while (rows.next()) {
      ServiceHealth& health = all.emplace_back();
      rows.read(health.service, health.state, health.reason, health.changed_at, health.open_until,
                health.account, health.times_opened, health.paused_until, health.rate_mark_us,
                health.taken_out);
    }
    return all;
  });
}

result<std::vector<std::pair<std::string, std::uint32_t>>> Queries::attempts_under_way() {
  return state_->read([&](Connection& db) {
    std::vector<std::pair<std::string, std::uint32_t>> counts;
    Rows rows = db.query(
        "SELECT service, count(*) FROM attempt INDEXED BY attempt_open WHERE ended_at IS NULL "
        "GROUP BY service ORDER BY service");
    while (rows.next()) {
      auto& [service, count] = counts.emplace_back();
      rows.read(service, count);
    }
    return counts;
  });
}

result<std::vector<SecretRow>> Queries::secrets(std::string_view name) {
  return state_->read([&](Connection& db) {
    std::vector<SecretRow> secrets;
    Rows rows = db.query(
        "SELECT name, no, sealed, hint, created_at FROM secret WHERE ?1 = '' OR name = ?1 "
        "ORDER BY name, no",
        name);
    while (rows.next()) {
      SecretRow& secret = secrets.emplace_back();
      rows.read(secret.name, secret.no, secret.sealed, secret.hint, secret.created_at);
    }
    return secrets;
  });
}

result<std::optional<std::string>> Queries::state(std::string_view service, std::string_view key) {
  return state_->read([&](Connection& db) {
    return db.value(std::optional<std::string>{},
                    "SELECT value FROM plugin_state WHERE service = ?1 AND key = ?2", service, key);
  });
}

}  // namespace weft::store
