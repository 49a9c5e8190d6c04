// SPDX-License-Identifier: Apache-2.0
#include "landscape.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "pipelines.hpp"

namespace weft::simulation {
namespace {

Schema narrow_schema() {
  auto value = json::parse(R"({"type": "object", "properties": {"level": {"maximum": 2}}})");
  return *Schema::compile(value.as_object());
}

route::OfferedOperation offer(Random& random, const char* operation) {
  static const Schema narrow = narrow_schema();
  return {operation, random.chance(150) ? narrow : Schema()};
}

std::optional<Price> random_price(Random& random) {
  Price price;
  const auto row = [&](std::int64_t micros) {
    price.rows.push_back({std::nullopt, Money{micros, random.chance(40) ? "EUR" : "USD"}});
  };
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      row(0);
      return price;
    case 3:
      return std::nullopt;
    default:
      row(10'000 * random.between(1, 30));
      return price;
  }
}

ServiceLimits random_limits(Random& random) {
  ServiceLimits limits;
  if (random.chance(300)) limits.concurrency = static_cast<std::uint32_t>(random.between(1, 3));
  limits.adaptive = random.chance(200);
  if (random.chance(250)) limits.rpm = static_cast<std::uint32_t>(random.between(4, 60));
  if (random.chance(200)) limits.queue = random.below(4);
  if (random.chance(150)) limits.timeout = random.span(2'000, 20'000);
  return limits;
}

HealthPolicy random_health(Random& random) {
  HealthPolicy health;
  health.breaker = random.chance(900);
  health.failures = static_cast<std::uint32_t>(random.between(1, 4));
  health.samples = static_cast<std::uint32_t>(random.between(3, 8));
  health.open = random.span(500, 8'000);
  health.open_at_most = health.open * random.between(1, 8);
  health.min_available = random.below(3);
  if (random.chance(400)) health.probe_every = random.span(1'000, 6'000);
  return health;
}

}  // namespace

Landscape::Landscape(Random& random) {
  slots_ = {static_cast<std::uint32_t>(random.between(2, 8)),
            static_cast<std::uint32_t>(random.between(2, 3)),
            static_cast<std::uint32_t>(random.between(1, 3))};
  const auto count = static_cast<std::size_t>(random.between(2, 6));
  for (std::size_t i = 0; i < count; ++i) add(random, i);
  change_moods(random);
}

void Landscape::add(Random& random, std::size_t index) {
  ModelService& model = services_.emplace_back();
  route::Service& service = model.service;
  service.name = "s" + std::to_string(index);
  // The first offers everything, so that every definition can run.
  for (const char* operation : {step_operation, draw_operation, look_operation})
    if (index == 0 || random.chance(600)) service.operations.push_back(offer(random, operation));
  if (index == 0)
    for (auto& offered : service.operations) offered.params = Schema();
  if (service.operations.empty()) service.operations.push_back(offer(random, step_operation));
  service.slot_class = random.below(2);
  service.slots = random.chance(200) ? 2 : 1;
  service.limits = random_limits(random);
  service.health = random_health(random);
  service.local = random.chance(200);
  service.price = random_price(random);
  if (service.local && random.chance(800)) {
    service.price.emplace();
    service.price->rows.push_back({std::nullopt, Money{0, "USD"}});
  }
  service.recover = static_cast<route::Recover>(random.below(3));
  service.placeholder = index > 1 && random.chance(200);
  model.tokens = service.recover != route::Recover::none && random.chance(800);
  model.slowest_ms = random.chance(300) ? random.between(5'000, 30'000) : random.between(50, 3'000);
}

std::vector<std::string> Landscape::names() const {
  std::vector<std::string> names;
  for (const ModelService& model : services_) names.push_back(model.service.name);
  return names;
}

ModelService* Landscape::find(const std::string& name) noexcept {
  for (ModelService& model : services_)
    if (model.service.name == name) return &model;
  return nullptr;
}

std::shared_ptr<const route::ServiceTable> Landscape::whole_table() const {
  auto table = std::make_shared<route::ServiceTable>();
  for (std::size_t i = 0; i < slots_.size(); ++i)
    table->classes.push_back({class_names[i], slots_[i]});
  for (const ModelService& model : services_) table->services.push_back(model.service);
  return table;
}

std::shared_ptr<const route::ServiceTable> Landscape::changed_table(Random& random) const {
  auto table = std::make_shared<route::ServiceTable>(*whole_table());
  std::erase_if(table->services, [&](const route::Service&) { return random.chance(200); });
  for (route::Service& service : table->services) service.enabled = !random.chance(80);
  for (route::Service& service : table->services)
    if (random.chance(150)) service.unavailable = "its library could not be loaded";
  for (std::size_t i = table->services.size(); i > 1; --i)
    if (random.chance(300)) std::swap(table->services[i - 1], table->services[random.below(i)]);
  for (SlotClass& slots : table->classes)
    if (random.chance(300)) slots.slots = static_cast<std::uint32_t>(random.between(2, 6));
  return table;
}

void Landscape::change_moods(Random& random) {
  constexpr std::array<std::uint32_t, 4> weights{5, 4, 2, 1};
  for (ModelService& model : services_) model.mood = static_cast<Mood>(random.weighted(weights));
}

}  // namespace weft::simulation
