// SPDX-License-Identifier: Apache-2.0
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

weft_status get(const weft_host* host, weft_str name, void* context, weft_take take) noexcept {
  Core* core = living(host);
  if (!core) return WEFT_CANCELLED;
  const auto value = core->secret(view(name));
  if (!value) return WEFT_AUTH;
  take(context, borrow(*value));
  return WEFT_OK;
}

}  // namespace

constinit const weft_secrets secret_table{sizeof(weft_secrets), 0, get};

}  // namespace weft::plugin::services
