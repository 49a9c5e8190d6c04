// SPDX-License-Identifier: Apache-2.0
// Definitions, read twice, read again from what is kept of them, and expanded.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <string>

#include "model/document.hpp"
#include "model_support.hpp"
#include "plan/expand.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

using testing::context;

void check_mistakes(const Error& error, std::string_view text) {
  const auto lines = std::ranges::count(text, '\n') + 1;
  expect(!error.to_string().empty(), "an error says something");
  for (const Diagnostic& one : error.diagnostics) {
    expect(one.position.line >= 0 && one.position.line <= lines,
           "a mistake is at a line that there is");
    expect(one.position.column >= 0 &&
               one.position.column <= static_cast<std::int64_t>(text.size()) + 1,
           "a mistake is at a column that there is");
    expect(!one.message.empty(), "a mistake has a message");
  }
}

void check_plan(const std::shared_ptr<const Pipeline>& pipeline) {
  const auto plan = expand(pipeline, {});
  const auto again = expand(pipeline, {});
  expect(plan.has_value() == again.has_value(), "expanding twice comes out the same");
  if (!plan) return;
  expect(plan->edges == again->edges, "expanding twice gives the same edges");
  for (const PlanEdge& edge : plan->edges)
    expect(edge.from < plan->nodes.size() && edge.to < plan->nodes.size() && edge.from != edge.to,
           "an edge joins two nodes");
  for (TaskNo no = 0; no < plan->nodes.size(); ++no)
    expect(!display_name(*plan, no).empty(), "every node has a name");
}

void check_definition(const std::string& text, const std::string& file) {
  const auto read = read_pipeline(text, file, context());
  const auto again = read_pipeline(text, file, context());
  expect(read.has_value() == again.has_value(), "reading twice comes out the same");
  if (!read) {
    expect(read.error().to_string() == again.error().to_string(), "equal texts, equal mistakes");
    return check_mistakes(read.error(), text);
  }
  const auto& pipeline = *read->pipeline;
  expect(pipeline.hash == again->pipeline->hash, "equal texts have one hash");
  const auto kept = read_canonical(pipeline.canonical, context());
  expect(kept.has_value(), "what is kept of a definition can be read again");
  expect((*kept)->hash == pipeline.hash, "what is kept of a definition has its hash");
  check_plan(read->pipeline);
}

}  // namespace

void definition_toml(std::string_view input) {
  const std::string text(input);
  check_definition(text, "fuzz.toml");
  const auto document = Document::from_toml(text, "fuzz.toml");
  if (!document) return;
  const auto toml = read_pipeline(text, "fuzz.toml", context());
  const auto json = read_pipeline(json::serialize(document->root()), "fuzz.json", context());
  expect(toml.has_value() == json.has_value(), "TOML and JSON of the same content fare the same");
  if (toml)
    expect(toml->pipeline->hash == json->pipeline->hash,
           "TOML and JSON of the same content are one definition");
}

void definition_json(std::string_view input) {
  check_definition(std::string(input), "fuzz.json");
}

}  // namespace weft::fuzz
