// SPDX-License-Identifier: Apache-2.0
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

constexpr std::size_t preview_bytes_at_most = 4 << 20;

std::int32_t wanted(const weft_host* host, weft_id job) noexcept {
  const Core* core = living(host);
  if (!core || !core->host.parts.previews) return 0;
  const auto attempt = core->jobs.attempt(job);
  return attempt && core->host.parts.previews->is_wanted(*attempt) ? 1 : 0;
}

weft_status show(const weft_host* host, weft_id job, weft_str media_type, weft_str bytes) noexcept {
  const Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  const auto attempt = core->jobs.attempt(job);
  if (!attempt || view(media_type).empty() || view(bytes).size() > preview_bytes_at_most)
    return WEFT_BAD_INPUT;
  if (PreviewSink* previews = core->host.parts.previews; previews && previews->is_wanted(*attempt))
    previews->show(*attempt, view(media_type), view(bytes));
  return WEFT_OK;
}

}  // namespace

constinit const weft_preview preview_table{sizeof(weft_preview), 0, wanted, show};

}  // namespace weft::plugin::services
