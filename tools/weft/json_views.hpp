// SPDX-License-Identifier: Apache-2.0
// What --json prints: each view of the runtime as a JSON object with the view's own member names.
// Moments are RFC 3339 texts; what is unknown or not there yet is null.
#pragma once
#include <weft/runtime.hpp>

#include "base/json.hpp"

namespace weft::cli {

json::object to_json(const PlanView& plan);
json::object to_json(const MadeProductView& product);
json::object to_json(const MakingView& making);
json::object to_json(const ProductVersionView& version);
json::object to_json(const RunView& run);
json::object to_json(const TaskView& task);
json::object to_json(const TaskDetail& detail);
json::object to_json(const EventView& event);
json::object to_json(const UseView& use);
json::object to_json(const ServiceView& service);
json::object to_json(const FoundServerView& server);
json::object to_json(const PluginView& plugin);
json::object to_json(const CheckView& check);
json::object to_json(const SecretView& secret);
json::object to_json(const RehearsedRequest& request);
json::object to_json(const RehearsedJob& job);
json::object to_json(const ArtifactView& artifact);
json::object to_json(const CleaningReport& report);
// {"error": {"kind", "message", "remedy", "diagnostics", "exit_code"}}
json::object to_json(const Error& error);

template <class View>
json::array to_json(const std::vector<View>& views) {
  json::array array;
  for (const View& view : views) array.push_back(to_json(view));
  return array;
}

// JSON text inside a view as a value; null for "".
json::value parsed(const std::string& text);
// JSON text as people write it: Boost.JSON makes 7.5E-1 of 0.75.
std::string readable(const json::value& value);

}  // namespace weft::cli
