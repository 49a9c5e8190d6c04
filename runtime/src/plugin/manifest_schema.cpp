// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest_schema.hpp"

#include <boost/json.hpp>

namespace weft::plugin {
namespace {

// An operation, by name wherever a text below says $operation.
constexpr std::string_view operation_schema = R"({
  "type": "object", "additionalProperties": false, "required": ["name"],
  "properties": {
    "name": {"type": "string", "pattern": "^[a-z][a-z0-9_]*(\\.[a-z][a-z0-9_]*)+$"},
    "params": {"type": "object"},
    "options": {"type": "object"},
    "revision": {},
    "inputs": {"type": "object", "additionalProperties": {
      "type": "object", "additionalProperties": false,
      "properties": {"media_types": {"type": "array", "items": {"type": "string"}},
                     "list": {"type": "boolean"}, "optional": {"type": "boolean"}}}},
    "outputs": {"type": "object", "additionalProperties": {
      "type": "object", "additionalProperties": false,
      "properties": {"media_types": {"type": "array", "items": {"type": "string"}},
                     "list": {"type": "boolean"}}}},
    "tags": {"type": "array", "items": {"type": "string"}},
    "samples": {"type": "array", "items": {
      "type": "object", "additionalProperties": false, "required": ["body"],
      "properties": {"status": {"type": "integer", "minimum": 100, "maximum": 599},
                     "body": {}, "beside": {"type": "boolean"}}}}
  }})";

constexpr std::string_view manifest_text = R"({
  "type": "object", "additionalProperties": false,
  "required": ["id", "name", "version", "license", "abi", "components"],
  "properties": {
    "id": {"type": "string", "pattern": "^[a-z0-9-]+(\\.[a-z0-9-]+)+$"},
    "name": {"type": "string", "minLength": 1},
    "version": {"type": "string",
                "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?(\\+[0-9A-Za-z.-]+)?$"},
    "license": {"type": "string", "minLength": 1},
    "abi": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+$"},
    "components": {"type": "array", "minItems": 1, "items": {
      "type": "object", "additionalProperties": false, "required": ["name", "interfaces"],
      "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$"},
        "description": {"type": "string"},
        "interfaces": {"type": "array", "minItems": 1, "items": {
          "type": "string", "enum": ["weft.adapter/1", "weft.executor/1", "weft.policy/1"]}},
        "needs": {"type": "array", "items": {"type": "string"}},
        "config_schema": {"type": "object"},
        "class": {"type": "string", "minLength": 1},
        "slots": {"type": "integer", "minimum": 1, "maximum": 1000000},
        "operations": {"type": "array", "items": "$operation"}
      }}}
  }})";

constexpr std::string_view offer_text = R"({
  "type": "object", "additionalProperties": false, "required": ["operations"],
  "properties": {
    "recover": {"type": "string", "enum": ["key", "token", "none"]},
    "operations": {"type": "array", "items": "$operation"}
  }})";

Schema compile(std::string_view text) {
  std::string whole(text);
  constexpr std::string_view placeholder = "\"$operation\"";
  if (const auto at = whole.find(placeholder); at != std::string::npos)
    whole.replace(at, placeholder.size(), operation_schema);
  return Schema::compile(json::parse(whole)).value();
}

}  // namespace

const Schema& manifest_schema() {
  static const Schema schema = compile(manifest_text);
  return schema;
}
const Schema& offer_schema() {
  static const Schema schema = compile(offer_text);
  return schema;
}

}  // namespace weft::plugin
