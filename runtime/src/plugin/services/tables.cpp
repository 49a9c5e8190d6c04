// SPDX-License-Identifier: Apache-2.0
#include "plugin/services/tables.hpp"

#include <algorithm>
#include <array>

namespace weft::plugin {
namespace {

struct Row {
  std::string_view id;
  const void* table;
};
constexpr std::array<Row, 12> rows{{
    {WEFT_ARTIFACTS, &services::artifact_table},
    {WEFT_EXPRESSION, &services::expression_table},
    {WEFT_HTTP, &services::http_table},
    {WEFT_JOB, &services::job_table},
    {WEFT_LOG, &services::log_table},
    {WEFT_METRICS, &services::metric_table},
    {WEFT_PREVIEW, &services::preview_table},
    {WEFT_PROCESS, &services::process_table},
    {WEFT_SECRETS, &services::secret_table},
    {WEFT_STATE, &services::state_table},
    {WEFT_TIMER, &services::timer_table},
    {WEFT_WEBSOCKET, &services::websocket_table},
}};
constexpr auto ids = [] {
  std::array<std::string_view, rows.size()> all;
  std::ranges::transform(rows, all.begin(), &Row::id);
  return all;
}();
static_assert(std::ranges::is_sorted(ids));

}  // namespace

std::span<const std::string_view> offered_services() noexcept {
  return ids;
}

const void* services::find(std::string_view id) noexcept {
  const auto found = std::ranges::find(rows, id, &Row::id);
  return found == rows.end() ? nullptr : found->table;
}

Core* services::living(const weft_host* host) noexcept {
  Core* core = static_cast<Core*>(host->impl);
  if (!core->is_destroyed()) return core;
  if (core->is_gone()) core->misbehaved("it calls the host after it was destroyed");
  return nullptr;
}

}  // namespace weft::plugin
