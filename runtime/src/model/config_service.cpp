// SPDX-License-Identifier: Apache-2.0
#include "model/config_service.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/text.hpp"

namespace weft {
namespace {

void read_price_row(TableReader& row, std::string_view currency, Price& price) {
  Price::Row read;
  row.require("price", "give what it costs then: price = \"0.04\"");
  const MaybeMoney amount = row.money("price", currency);
  if (amount) read.amount = *amount;
  if (const json::string* when = row.text("when")) {
    expr::CompileOptions options;
    options.origin = row.document().text_position(row.pointer_of("when"));
    auto program = expr::compile(*when, price.environment, options);
    if (!program)
      row.mistakes().add(program.error(), options.origin);
    else if (!program->type().may_be(expr::Kind::boolean))
      row.mistakes().add(
          options.origin,
          "'when' asks for true or false, and this is " + program->type().to_string(),
          "compare it with something");
    else
      read.when = std::move(*program);
  }
  row.finish();
  price.rows.push_back(std::move(read));
}

void read_price_table(TableReader& service, std::string_view currency, Price& price) {
  auto table = service.table("price", "price of " + service.what());
  if (!table) return;
  table->require("table",
                 "give its rows: table = [{ when = \"params.width > 9\", price = \"0.08\" }, …]");
  table->not_supported("per", "leave it out: a price is for one attempt");
  const json::array* rows = table->array("table");
  bool always = false;  // a row without `when` has come
  for (std::size_t i = 0; rows && i < rows->size(); ++i) {
    TableReader row(service.document(),
                    child_pointer(table->pointer_of("table"), std::to_string(i)),
                    "a row of the price of " + service.what(), service.mistakes());
    if (always)
      service.mistakes().add(row.position(),
                             "no attempt ever comes to this row: the one before has no 'when'",
                             "put the row without 'when' last");
    always = always || !row.has("when");
    read_price_row(row, currency, price);
  }
  table->finish();
}

std::optional<Price> read_price(TableReader& service, std::string_view currency) {
  const json::value* written = service.any("price");
  if (!written) return std::nullopt;
  Price price;
  price.environment = expr::Environment({{"params", expr::Kind::map}});
  if (written->is_object())
    read_price_table(service, currency, price);
  else if (const MaybeMoney amount = service.money("price", currency))
    price.rows.push_back({std::nullopt, *amount});
  return price;
}

// { p50 = "20s", p95 = "45s" }; without p95 it takes p50 always.
void read_latency_of(TableReader& table, std::string operation,
                     std::vector<DeclaredLatency>& latency) {
  table.require("p50", "give what half of all attempts stay under: p50 = \"20s\"");
  const auto p50 = table.duration("p50");
  const auto p95 = table.duration("p95");
  if (!p50) return;
  if (p95 && *p95 < *p50)
    table.wrong("p95", "it is shorter than 'p50', " + to_string(*p50), "make it at least as long");
  latency.push_back({std::move(operation), *p50, p95.value_or(*p50), table.position()});
}

// Of all operations, or by operation: their names are the keys that have a dot.
std::vector<DeclaredLatency> read_latency(TableReader& service) {
  std::vector<DeclaredLatency> latency;
  auto table = service.table("latency", "latency of " + service.what());
  if (!table) return latency;
  const json::value* written = value_at(table->document().root(), table->pointer());
  bool by_operation = false;
  for (const json::key_value_pair& member : written->get_object()) {
    if (member.key().find('.') == std::string_view::npos) continue;
    by_operation = true;
    const std::string operation(member.key());
    if (auto one = table->table(operation, "latency of '" + operation + "'")) {
      read_latency_of(*one, operation, latency);
      one->finish();
    }
  }
  if (!by_operation || table->has("p50") || table->has("p95")) read_latency_of(*table, "", latency);
  table->finish();
  return latency;
}

constexpr std::int64_t count_at_most = 1'000'000;

void read_count(TableReader& table, std::string_view key, std::int64_t at_least,
                std::uint32_t& count) {
  if (const auto n = table.integer(key, at_least, count_at_most))
    count = static_cast<std::uint32_t>(*n);
}

ServiceLimits read_limits(TableReader& service) {
  ServiceLimits limits;
  auto table = service.table("limits", "limits of " + service.what());
  if (!table) return limits;
  read_count(*table, "concurrency", 1, limits.concurrency);
  limits.adaptive = table->boolean("adaptive").value_or(false);
  read_count(*table, "rpm", 1, limits.rpm);
  read_count(*table, "queue", 0, limits.queue);
  if (table->has("queue") && limits.concurrency == 0 && !limits.adaptive)
    table->mistakes().add(table->key_position("queue"),
                          "'queue' means nothing without a limit of attempts at a time",
                          "add 'concurrency' or 'adaptive', or leave it out");
  limits.timeout = table->duration("timeout");
  table->finish();
  return limits;
}

HealthPolicy read_health(TableReader& service) {
  HealthPolicy health;
  auto table = service.table("health", "health of " + service.what());
  if (!table) return health;
  health.breaker = table->boolean("breaker").value_or(true);
  for (const char* key : {"failures", "failure_rate", "samples", "open", "open_at_most",
                          "min_available", "probe_every"})
    if (!health.breaker && table->has(key))
      table->mistakes().add(table->key_position(key),
                            "'" + std::string(key) + "' means nothing where 'breaker' is false",
                            "leave one of the two out");
  read_count(*table, "failures", 1, health.failures);
  read_count(*table, "samples", 1, health.samples);
  read_count(*table, "min_available", 0, health.min_available);
  health.failure_rate = table->share("failure_rate").value_or(health.failure_rate);
  if (const auto open = table->duration("open")) {
    health.open = *open;
    health.open_at_most = std::max(health.open_at_most, *open);
  }
  if (const auto most = table->duration("open_at_most")) {
    health.open_at_most = *most;
    if (*most < health.open)
      table->wrong("open_at_most", "it is shorter than 'open', " + to_string(health.open),
                   "make it at least as long");
  }
  constexpr Duration probes_apart_at_least = std::chrono::seconds{1};
  health.probe_every = table->duration("probe_every");
  if (health.probe_every && *health.probe_every < probes_apart_at_least)
    table->wrong("probe_every", "'probe_every' is shorter than 1s", "make it at least that");
  table->finish();
  return health;
}

void check_secret_names(TableReader& table, const std::vector<std::string>& names) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!is_secret_name(names[i]))
      table.mistakes().add(
          table.document().value_position(
              child_pointer(table.pointer_of("secrets"), std::to_string(i))),
          "'secrets' holds names, and this is none",
          "use letters, digits, '_', '-' and '.'; the secret itself never stands in a config");
}

}  // namespace

void check_price(const ServiceConfig& service, const OperationCatalog& operations,
                 Mistakes& mistakes) {
  if (!service.price) return;
  std::vector<expr::Type::Field> params;
  for (const std::string& name :
       service.operations.empty() ? operations.names() : service.operations) {
    const auto operation = operations.find(name);
    if (!operation) continue;
    const json::value* properties = find_member(operation->params.source(), "properties");
    if (!properties) continue;  // its params are wrong, and that is noted
    for (const json::key_value_pair& property : properties->get_object()) {
      const expr::Type type = expr::Type::from_json_schema(property.value());
      const auto known = std::ranges::find(params, property.key(), &expr::Type::Field::name);
      if (known == params.end())
        params.push_back({property.key(), type, false});
      else
        known->type = expr::Type::join(known->type, type);
    }
  }
  const expr::Environment typed(
      {{"params", expr::Type::object(std::move(params), true, {"param", {}})}});
  for (const Price::Row& row : service.price->rows) {
    if (!row.when) continue;
    expr::CompileOptions options;
    options.origin = row.when->position();
    if (const auto program = expr::compile(row.when->text(), typed, options); !program)
      mistakes.add(program.error(), options.origin);
  }
}

bool Price::is_free() const noexcept {
  return !rows.empty() && std::all_of(rows.begin(), rows.end(), [](const Row& row) {
    return row.amount.micros == 0;
  }) && !rows.back().when;
}

MaybeMoney Price::of(const json::object& params) const {
  std::optional<expr::Bindings> bindings;  // most prices are one row, without a question
  for (const Row& row : rows) {
    if (!row.when) return row.amount;
    if (!bindings) bindings.emplace(environment).set("params", expr::from_json(params));
    const auto holds = row.when->evaluate(*bindings);
    if (!holds || !holds->if_bool()) return std::nullopt;
    if (*holds->if_bool()) return row.amount;
  }
  return std::nullopt;
}

ServiceConfig read_service(TableReader& table, std::string name, std::string_view currency) {
  ServiceConfig service;
  service.name = std::move(name);
  service.position = table.position();
  if (const json::value* written = value_at(table.document().root(), table.pointer()))
    service.written = json::serialize(*written) + std::string(currency);
  table.require("component",
                "name the component of a plugin that it is: component = \"storyboard\"");
  if (const json::string* component = table.text("component")) {
    service.component = std::string(*component);
    if (component->empty())
      table.wrong("component", "it is empty",
                  "name the component of a plugin; 'weft plugin list' lists them");
  }
  service.operations = table.texts("operations");
  if (const json::string* slot_class = table.text("class"))
    service.slot_class = std::string(*slot_class);
  read_count(table, "slots", 1, service.slots);
  if (const json::object* config = table.object("config")) service.config = *config;
  service.config_position = table.key_position("config");
  service.secrets = table.texts("secrets");
  check_secret_names(table, service.secrets);
  service.limits = read_limits(table);
  service.health = read_health(table);
  service.price = read_price(table, currency);
  service.latency = read_latency(table);
  service.enabled = table.boolean("enabled").value_or(true);
  service.placeholder = table.word("role", {"placeholder"}).has_value();
  table.not_supported("quality", "leave it out: quality is not measured yet");
  table.finish();
  return service;
}

}  // namespace weft
