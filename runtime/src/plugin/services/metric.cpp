// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plugin/results.hpp"
#include "plugin/services/tables.hpp"

namespace weft::plugin::services {
namespace {

// Prometheus' form of a name, lower case.
bool is_metric_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

observe::Labels labels_of(const Core& core, std::string_view text) {
  observe::Labels labels{{"service", core.service}};
  if (text.empty()) return labels;
  const auto value = parse_json(text);
  if (!value || !value->is_object()) return labels;
  for (const auto& [name, label] : value->get_object())
    if (label.is_string() && is_metric_name(name))
      labels.emplace_back(std::string(name), clean(label.get_string()));
  return labels;
}

template <class Count>
void count(const weft_host* host, weft_str name, weft_str labels, Count count) {
  Core* core = living(host);
  if (!core) return;
  if (!is_metric_name(view(name)))
    return core->misbehaved("it names a metric other than with a-z, 0-9 and _");
  count(core->host.parts.metrics, "weft_plugin_" + std::string(view(name)),
        labels_of(*core, view(labels)));
}

void add(const weft_host* host, weft_str counter, weft_str labels, double delta) noexcept {
  count(host, counter, labels,
        [delta](observe::Metrics& metrics, const auto& name, const auto& all) {
          metrics.add(name, all, delta);
        });
}

void observe_value(const weft_host* host, weft_str histogram, weft_str labels,
                   double value) noexcept {
  count(host, histogram, labels,
        [value](observe::Metrics& metrics, const auto& name, const auto& all) {
          metrics.observe(name, all, value);
        });
}

}  // namespace

constinit const weft_metrics metric_table{sizeof(weft_metrics), 0, add, observe_value};

}  // namespace weft::plugin::services
