// SPDX-License-Identifier: Apache-2.0
#include "synthetic.hpp"

#include <algorithm>

#include "model/definition.hpp"
#include "plan/expand.hpp"

namespace weft::bench {
namespace {

constexpr const char* operation_name = "bench.null";

std::shared_ptr<const Pipeline> null_pipeline() {
  auto operation = std::make_shared<Operation>();
  operation->name = operation_name;
  auto pipeline = std::make_shared<Pipeline>();
  pipeline->name = "synthetic";
  TaskDefinition& task = pipeline->tasks.emplace_back();
  task.name = "step";
  task.operation = std::move(operation);
  const auto nothing = expr::compile_json(json::object{}, task.environment, nullptr).value();
  task.params = nothing;
  task.inputs = nothing;
  pipeline->canonical = json::object{{"name", pipeline->name}};
  pipeline->hash = digest_of(pipeline->canonical);
  pipeline->format = "json";
  return pipeline;
}

}  // namespace

std::shared_ptr<const route::ServiceTable> null_services(std::uint32_t slots) {
  auto table = std::make_shared<route::ServiceTable>();
  table->classes = {{"io", slots}};
  route::Service& service = table->services.emplace_back();
  service.name = "null";
  service.operations.push_back({operation_name, {}});
  service.price.emplace().rows.push_back({std::nullopt, Money{0, "USD"}});
  return table;
}

std::shared_ptr<const Plan> plan_with(std::uint32_t size, std::vector<PlanEdge> edges) {
  auto plan = std::make_shared<Plan>();
  plan->root().pipeline = null_pipeline();
  plan->root().input_values = expr::from_json(plan->root().inputs);
  plan->root().items.emplace_back();
  plan->root().keys.emplace_back();
  plan->root().first = {0};
  plan->nodes.assign(size, PlanNode{});
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  plan->edges = std::move(edges);
  return plan;
}

std::shared_ptr<const Plan> chain_plan(std::uint32_t length) {
  std::vector<PlanEdge> edges;
  for (TaskNo to = 1; to < length; ++to) edges.push_back({to - 1, to, false});
  return plan_with(length, std::move(edges));
}

std::shared_ptr<const Plan> random_plan(std::uint32_t size) {
  std::vector<PlanEdge> edges;
  std::uint64_t state = 1;
  const auto next = [&state](std::uint64_t below) {  // a linear congruential generator
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>((state >> 33) % below);
  };
  for (TaskNo to = 1; to < size; ++to)
    for (std::uint32_t i = next(3) + 1; i > 0; --i) edges.push_back({next(to), to, false});
  return plan_with(size, std::move(edges));
}

std::shared_ptr<const Plan> expanding_plan() {
  OperationCatalog operations;
  const std::string operation = std::string("[operations.\"") + operation_name +
                                "\"]\nsummary = " + "\"a list\"\n[operations.\"" + operation_name +
                                "\".params.properties]\nvalue = { type = \"integer\" }\n" +
                                "[operations.\"" + operation_name + "\".outputs.values]\n" +
                                "schema = { type = \"array\" }\n";
  (void)operations.add_toml(operation, "operations.toml");
  const std::string text = std::string("[pipeline]\nname = \"expanding\"\n[tasks.list]\n") +
                           "operation = \"" + operation_name + "\"\n[tasks.item]\noperation = \"" +
                           operation_name + "\"\nfor_each = \"tasks.list.values\"\n" +
                           "params = { value = \"${item}\" }\n";
  const DefinitionContext context{operations, {}, {}, "USD"};
  const auto read = read_pipeline(text, "expanding.toml", context).value();
  return std::make_shared<const Plan>(expand(read.pipeline, {}).value());
}

RunRecord run_of(const Plan& plan, std::uint64_t n) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) bytes[8 + i] = static_cast<std::uint8_t>(n >> (56 - 8 * i));
  RunRecord run;
  run.id = RunId{Uuid::from_bytes(bytes)};
  run.pipeline_name = plan.root().pipeline->name;
  run.pipeline = plan.root().pipeline->hash;
  run.created_at = from_unix_ms(1'700'000'000'000);
  run.task_count = static_cast<std::uint32_t>(plan.nodes.size());
  return run;
}

}  // namespace weft::bench
