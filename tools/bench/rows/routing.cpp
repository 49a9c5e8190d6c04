// SPDX-License-Identifier: Apache-2.0
// One routing decision among twenty services that all could take the task.
#include "route/choose.hpp"
#include "rows/rows.hpp"

namespace weft::bench {
namespace {

constexpr int services = 20;
constexpr const char* operation = "image.generate";

route::ServiceTable table() {
  route::ServiceTable made;
  made.classes = {{"io", 16}};
  const json::value schema = {
      {"type", "object"},
      {"required", json::array{"prompt"}},
      {"properties",
       {{"prompt", {{"type", "string"}}},
        {"width", {{"type", "integer"}, {"minimum", 64}, {"maximum", 4096}}},
        {"height", {{"type", "integer"}, {"minimum", 64}, {"maximum", 4096}}}}}};
  for (int i = 0; i < services; ++i) {
    route::Service& service = made.services.emplace_back();
    service.name = "service-" + std::to_string(i);
    service.operations.push_back({operation, Schema::compile(schema).value()});
    service.price.emplace().rows.push_back({std::nullopt, Money{40'000 + i, "USD"}});
  }
  return made;
}

}  // namespace

std::vector<Figure> run_routing(Bench& bench) {
  const route::ServiceTable services_table = table();
  const json::object params{{"prompt", "a fox in the snow"}, {"width", 1280}, {"height", 720}};
  route::Request request;
  request.operation = operation;
  request.params = &params;
  request.run_budget_left = Money{1'000'000, "USD"};
  const Work decide = [&](Clock::time_point until) {
    std::uint64_t done = 0;
    do {
      for (int i = 0; i < 100; ++i, ++done)
        expect(route::choose(services_table, request).chosen == 0u, "routing chose another");
    } while (Clock::now() < until);
    return done;
  };
  std::vector<double> took_us;
  for (int i = 0; i < bench.rounds(); ++i)
    took_us.push_back(run_slice(decide, bench.budget().slice).cpu_us());
  return {figure("routing/20", "us CPU", at_most(20), took_us)};
}

}  // namespace weft::bench
