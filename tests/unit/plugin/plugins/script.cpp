// SPDX-License-Identifier: Apache-2.0
// The library of the scripted components.
#include "script.hpp"

WEFT_MANIFEST(
    R"({"id": "test.weft.script", "name": "Script", "version": "1.0.0", "license": "Apache-2.0", "abi": "1.0",
  "components": [
    {"name": "script", "interfaces": ["weft.adapter/1"], "needs": ["weft.job/1", "weft.timer/1"],
     "config_schema": {"type": "object", "additionalProperties": false, "properties": {
       "url": {"type": "string"}, "retries": {"type": "integer", "minimum": 0, "default": 2},
       "describe": {"type": "string"}, "offer": {"type": "object"}, "health": {"type": "integer"},
       "drain": {"type": "string"}, "fail": {"type": "integer"}, "probes": {"type": "boolean"}}}},
    {"name": "script_worker", "interfaces": ["weft.executor/1"], "needs": ["weft.process-draft/1"],
     "class": "cpu", "slots": 2, "operations": [{"name": "test.work"}]}]})");

namespace {

weft_status create(const weft_host* host, const char* component, weft_str config,
                   const weft_instance** made) noexcept {
  const std::string_view name = component;
  if (name == "script") return script::create_adapter(host, config, made);
  if (name == "script_worker") return script::create_executor(host, config, made);
  return WEFT_UNSUPPORTED;
}

}  // namespace

const weft_entry weft_entry_v1 = {sizeof(weft_entry),
                                  WEFT_ABI_MAJOR,
                                  WEFT_ABI_MINOR,
                                  {weft_manifest_text, sizeof weft_manifest_text - 1},
                                  create};
