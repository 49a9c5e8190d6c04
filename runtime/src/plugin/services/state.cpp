// SPDX-License-Identifier: Apache-2.0
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

constexpr std::size_t key_bytes_at_most = 256;
constexpr std::size_t value_bytes_at_most = 64 << 10;

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= key_bytes_at_most;
}

weft_status get_value(const weft_host* host, weft_str key, void* context, weft_take take) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  if (!is_key(view(key))) return WEFT_BAD_INPUT;
  const auto value = core->host.parts.state.get(core->service, view(key));
  if (!value) return WEFT_LOST;
  take(context, borrow(*value));
  return WEFT_OK;
}

weft_status put_value(const weft_host* host, weft_str key, weft_str value) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  if (!is_key(view(key)) || value.size > value_bytes_at_most) return WEFT_BAD_INPUT;
  const auto stored = core->host.parts.state.put(core->service, view(key), view(value));
  if (stored) return WEFT_OK;
  core->log.error("a value of the service cannot be stored",
                  {{"error", stored.error().to_string()}});
  return WEFT_EXHAUSTED;
}

}  // namespace

constinit const weft_state state_table{sizeof(weft_state), 0, get_value, put_value};

}  // namespace weft::plugin::services
