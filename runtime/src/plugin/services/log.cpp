// SPDX-License-Identifier: Apache-2.0
#include "plugin/results.hpp"
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

observe::Level level_of(std::int32_t level) noexcept {
  switch (level) {
    case WEFT_LOG_TRACE:
      return observe::Level::trace;
    case WEFT_LOG_DEBUG:
      return observe::Level::debug;
    case WEFT_LOG_INFO:
      return observe::Level::info;
    case WEFT_LOG_WARN:
      return observe::Level::warn;
    default:
      return observe::Level::error;
  }
}

observe::Logger with_fields(observe::Logger log, std::string_view text) {
  if (text.empty()) return log;
  const auto fields = parse_json(text);
  if (!fields || !fields->is_object()) return log.with({{"fields", clean(text)}});
  for (const auto& [key, value] : fields->get_object()) {
    const std::string shown =
        value.is_string() ? std::string(value.get_string()) : canonical(value);
    log = log.with({{key, shown}});
  }
  return log;
}

void write(const weft_host* host, std::int32_t level, weft_id id, weft_str text,
           weft_str fields) noexcept {
  Core* core = living(host);
  if (!core || !core->log.is_on(level_of(level))) return;
  observe::Logger log = with_fields(core->log, view(fields));
  if (const std::string label = core->jobs.label(id); !label.empty())
    log = log.with({{"task", label}});
  const std::string message = clean(view(text));
  if (!core->instance && level >= WEFT_LOG_ERROR) core->complaint = message;
  log.write(level_of(level), level == WEFT_LOG_HOST_MISBEHAVES
                                 ? "the plugin says the runtime broke a law: " + message
                                 : message);
}

}  // namespace

// Its threshold stays at trace: which lines are wanted is the operator's business and may change.
constinit const weft_log log_table{sizeof(weft_log), WEFT_LOG_TRACE, write};

}  // namespace weft::plugin::services
