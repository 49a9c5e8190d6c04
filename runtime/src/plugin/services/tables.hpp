// SPDX-License-Identifier: Apache-2.0
// The services of the host, one file each: the tables that plugins get. Their functions find the
// instance they are called for in weft_host.impl.
#pragma once
#include <weft/artifact.h>
#include <weft/draft/expression.h>
#include <weft/draft/preview.h>
#include <weft/draft/process.h>
#include <weft/draft/websocket.h>
#include <weft/host.h>
#include <weft/http.h>

#include <span>
#include <string_view>

#include "plugin/core.hpp"

namespace weft::plugin::services {

extern const weft_log log_table;
extern const weft_job job_table;
extern const weft_timer timer_table;
extern const weft_secrets secret_table;
extern const weft_state state_table;
extern const weft_metrics metric_table;
extern const weft_http http_table;
extern const weft_artifacts artifact_table;
extern const weft_process process_table;
extern const weft_expression expression_table;
extern const weft_websocket websocket_table;
extern const weft_preview preview_table;

// Null when there is none of that id.
const void* find(std::string_view id) noexcept;

// The instance that a host function was called for. Null while it is destroyed, and after, which is
// logged.
Core* living(const weft_host* host) noexcept;

}  // namespace weft::plugin::services
