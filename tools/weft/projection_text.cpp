// SPDX-License-Identifier: Apache-2.0
#include "projection_text.hpp"

#include <algorithm>

namespace weft::cli {
namespace {

constexpr std::size_t names_at_most = 8;
constexpr std::size_t path_at_most = 12;

std::string span_of(std::int64_t ms) {
  return human_duration(Duration{ms});
}

// "20s", "20s declared", "unknown".
Cell time_cell(const std::optional<std::int64_t>& ms, const std::string& basis) {
  if (!ms) return {"unknown", Tone::careful};
  return {span_of(*ms) + (basis == "declared" ? " declared" : "")};
}

Cell cost_cell(const std::string& estimate, const std::string& basis) {
  if (estimate.empty()) return {"unknown", Tone::careful};
  return {estimate + (basis == "measured" ? " measured" : "")};
}

std::string some_of(const std::vector<std::string>& names) {
  std::vector<std::string> first(
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), names_at_most)));
  std::string text = joined(first, ", ");
  if (names.size() > first.size())
    text += " and " + std::to_string(names.size() - first.size()) + " more";
  return text;
}

// ", unknown for 2 tasks: a, b"
std::string left_out(const std::vector<std::string>& unknown, std::string_view noun) {
  if (unknown.empty()) return {};
  return "; unknown for " + count_of(unknown.size(), noun) + ": " + some_of(unknown);
}

// The ends of a long way say where it begins and what it is for.
std::string path_text(const std::vector<std::string>& path) {
  if (path.size() <= path_at_most) return joined(path, " → ");
  constexpr std::ptrdiff_t half = path_at_most / 2;
  const std::vector<std::string> head(path.begin(), path.begin() + half);
  const std::vector<std::string> tail(path.end() - half, path.end());
  return joined(head, " → ") + " → … " + std::to_string(path.size() - path_at_most) + " more … → " +
         joined(tail, " → ");
}

std::string both(const SpanView& span) {
  return span_of(span.p50_ms) + " (p95 " + span_of(span.p95_ms) + ")";
}

std::string cost_text(const ProjectionView& projection, const Unforeseen& unforeseen,
                      std::string_view noun) {
  std::string text = "cost: ";
  text += projection.cost.empty() ? "unknown" : joined(projection.cost, " + ");
  const std::uint32_t known = projection.tasks - projection.unknown_costs;
  if (known > projection.declared_costs)
    text += ", measured for " + count_of(known - projection.declared_costs, noun);
  return text + left_out(unforeseen.cost, noun) + "\n";
}

std::string time_text(const ProjectionView& projection, const Unforeseen& unforeseen,
                      std::string_view noun) {
  if (projection.unknown_times == projection.tasks)
    return "time: unknown" + left_out(unforeseen.time, noun) + "\n";
  std::string text = "time: at least " + both(projection.at_least) + ", bound by ";
  text += projection.bound_by.empty() ? "the critical path" : "the slots of " + projection.bound_by;
  if (projection.declared_times > 0)
    text += "; as declared for " + count_of(projection.declared_times, noun);
  text += left_out(unforeseen.time, noun) + "\n";
  text += "  critical path " + both(projection.path) + ": " + path_text(projection.critical_path) +
          "\n";
  return text + "  one after the other " + both(projection.one_after_the_other) + "\n";
}

json::object span_json(const SpanView& span) {
  return {{"p50_ms", span.p50_ms}, {"p95_ms", span.p95_ms}};
}

json::value number_or_null(const std::optional<std::int64_t>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

}  // namespace

std::vector<Column> projection_columns(const Projected& asked) {
  std::vector<Column> columns{{"ESTIMATE", true}};
  if (asked.time) columns.insert(columns.end(), {{"P50", true}, {"P95", true}});
  return columns;
}

std::vector<Cell> projection_cells(const Projected& asked, const std::string& estimate,
                                   const ForecastView& forecast, bool counts) {
  const bool plain = !asked.cost && !asked.time;
  std::vector<Cell> cells;
  if (!counts || plain)
    cells.push_back({counts ? estimate : ""});
  else
    cells.push_back(cost_cell(estimate, forecast.cost_basis));
  if (!asked.time) return cells;
  for (const auto& ms : {forecast.p50_ms, forecast.p95_ms})
    cells.push_back(counts ? time_cell(ms, forecast.time_basis) : Cell{});
  return cells;
}

void Unforeseen::add(const std::string& name, const std::string& estimate,
                     const ForecastView& forecast) {
  if (estimate.empty()) cost.push_back(name);
  if (!forecast.p50_ms) time.push_back(name);
}

std::string projection_text(const Projected& asked, const ProjectionView& projection,
                            const Unforeseen& unforeseen, std::string_view noun) {
  std::string text;
  if (asked.cost) text += cost_text(projection, unforeseen, noun);
  if (asked.time) text += time_text(projection, unforeseen, noun);
  return text;
}

json::object to_json(const ForecastView& forecast) {
  return {{"cost_basis", text_or_null(forecast.cost_basis)},
          {"time_basis", text_or_null(forecast.time_basis)},
          {"p50_ms", number_or_null(forecast.p50_ms)},
          {"p95_ms", number_or_null(forecast.p95_ms)}};
}

json::object to_json(const ProjectionView& projection) {
  return {{"tasks", projection.tasks},
          {"later", projection.later},
          {"cost", json::array(projection.cost.begin(), projection.cost.end())},
          {"unknown_costs", projection.unknown_costs},
          {"declared_costs", projection.declared_costs},
          {"unknown_times", projection.unknown_times},
          {"declared_times", projection.declared_times},
          {"path", span_json(projection.path)},
          {"critical_path",
           json::array(projection.critical_path.begin(), projection.critical_path.end())},
          {"one_after_the_other", span_json(projection.one_after_the_other)},
          {"at_least", span_json(projection.at_least)},
          {"bound_by", text_or_null(projection.bound_by)}};
}

}  // namespace weft::cli
