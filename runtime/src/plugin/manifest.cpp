// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include <weft/abi.h>
#include <weft/adapter.h>
#include <weft/executor.h>

#include "model/document.hpp"
#include "plugin/manifest_schema.hpp"

namespace weft::plugin {
namespace {

std::string text_of(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts_of(const json::object& from, std::string_view key) {
  std::vector<std::string> texts;
  if (const json::value* value = from.if_contains(key))
    for (const json::value& item : value->as_array()) texts.emplace_back(item.as_string());
  return texts;
}

json::value value_of(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  return value ? *value : json::value();
}

json::object object_of(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  return value ? value->as_object() : json::object();
}

json::array array_of(const json::object& from, std::string_view key) {
  const json::value* value = from.if_contains(key);
  return value ? value->as_array() : json::array();
}

std::vector<OfferedOperation> read_operations(const json::object& from) {
  std::vector<OfferedOperation> operations;
  const json::value* list = from.if_contains("operations");
  if (!list) return operations;
  for (const json::value& item : list->as_array()) {
    const json::object& one = item.as_object();
    operations.push_back({text_of(one, "name"), value_of(one, "params"), value_of(one, "options"),
                          object_of(one, "inputs"), object_of(one, "outputs"),
                          texts_of(one, "tags"), array_of(one, "samples"),
                          value_of(one, "revision")});
  }
  return operations;
}

ComponentManifest read_component(const json::object& from) {
  ComponentManifest component;
  component.name = text_of(from, "name");
  component.description = text_of(from, "description");
  component.interfaces = texts_of(from, "interfaces");
  component.needs = texts_of(from, "needs");
  component.config_schema = value_of(from, "config_schema");
  component.slot_class = text_of(from, "class");
  if (const json::value* slots = from.if_contains("slots"))
    component.slots = static_cast<std::uint32_t>(slots->as_int64());
  component.operations = read_operations(from);
  return component;
}

// The number before the dot of "1.0".
std::optional<int> abi_major(std::string_view abi) {
  int major = 0;
  const auto [end, error] = std::from_chars(abi.data(), abi.data() + abi.size(), major);
  if (error != std::errc{} || end == abi.data() + abi.size() || *end != '.') return std::nullopt;
  return major;
}

std::vector<Diagnostic> diagnostics_of(const std::vector<Violation>& violations,
                                       const Document& document) {
  std::vector<Diagnostic> found;
  for (const Violation& violation : violations) {
    const std::string path = pointer_to_path(violation.pointer);
    found.push_back({document.value_position(violation.pointer),
                     (path.empty() ? "the manifest" : path) + " " + violation.message,
                     violation.remedy});
  }
  return found;
}

// What the schema cannot say: rules between members.
void check_components(const Manifest& manifest, const Document& document,
                      std::vector<Diagnostic>& found) {
  for (std::size_t i = 0; i < manifest.components.size(); ++i) {
    const ComponentManifest& component = manifest.components[i];
    const std::string pointer = "/components/" + std::to_string(i);
    const auto note = [&](std::string message, std::string remedy = {}) {
      found.push_back({document.value_position(pointer),
                       "component '" + component.name + "' " + std::move(message),
                       std::move(remedy)});
    };
    if (component.is_adapter() && component.is_executor())
      note("is an adapter and an executor at once", "make two components of it");
    if (component.is_executor() && component.operations.empty())
      note("is an executor without operations", "list them in \"operations\"");
    if (component.is_executor() && component.slot_class.empty())
      note("is an executor without a class", "say \"class\": \"cpu\", \"gpu\" or \"io\"");
    if (!component.is_executor() && !component.operations.empty())
      note("is no executor, but lists operations", "an adapter answers `describe` with them");
    for (const Violation& violation :
         check_schema(component.config_schema.is_null() ? json::value(json::object())
                                                        : component.config_schema))
      note("has a wrong config_schema: " + violation.pointer + " " + violation.message,
           violation.remedy);
    for (std::size_t other = 0; other < i; ++other)
      if (manifest.components[other].name == component.name) note("stands there twice");
  }
}

// Members with "format": "path" are meant relative to the file that they stand in.
void resolve_paths(const json::value& schema, const SourcePosition& position,
                   json::object& config) {
  const json::value* properties = find_member(schema, "properties");
  if (position.file.empty() || !properties || !properties->is_object()) return;
  for (const auto& [name, property] : properties->get_object()) {
    const json::value* format = find_member(property, "format");
    json::value* said = config.if_contains(name);
    if (!format || *format != json::value("path") || !said || !said->is_string()) continue;
    const std::filesystem::path base = std::filesystem::absolute(position.file).parent_path();
    *said = (base / std::string(said->get_string())).lexically_normal().string();
  }
}

}  // namespace

bool ComponentManifest::is_adapter() const noexcept {
  return std::ranges::count(interfaces, WEFT_ADAPTER) > 0;
}
bool ComponentManifest::is_executor() const noexcept {
  return std::ranges::count(interfaces, WEFT_EXECUTOR) > 0;
}

result<Manifest> parse_manifest(std::string_view text, const std::string& file) {
  auto document = Document::from_json(text, file);
  if (!document) return std::move(document.error()).in("the manifest is not valid JSON");
  // Asked first: the manifest of another ABI may have any form.
  const json::value* abi = find_member(document->root(), "abi");
  if (abi && abi->is_string())
    if (const auto major = abi_major(abi->get_string()); major && *major != WEFT_ABI_MAJOR)
      return invalid("made for version " + std::string(abi->get_string()) +
                         " of the plugin ABI; this runtime speaks version " +
                         std::to_string(WEFT_ABI_MAJOR) + "." + std::to_string(WEFT_ABI_MINOR),
                     "build the plugin against this runtime's SDK");
  auto found = diagnostics_of(manifest_schema().validate(document->root()), *document);
  if (!found.empty()) return invalid("the manifest", std::move(found));

  const json::object& root = document->root().get_object();
  Manifest manifest{text_of(root, "id"),      text_of(root, "name"), text_of(root, "version"),
                    text_of(root, "license"), text_of(root, "abi"),  {}};
  for (const json::value& component : root.at("components").as_array())
    manifest.components.push_back(read_component(component.as_object()));
  check_components(manifest, *document, found);
  if (!found.empty()) return invalid("the manifest", std::move(found));
  return manifest;
}

result<Offer> parse_offer(std::string_view text, const std::string& component) {
  auto document = Document::from_json(text.empty() ? "{}" : text, component);
  if (!document) return std::move(document.error()).in("its answer to describe is not valid JSON");
  const auto found = diagnostics_of(offer_schema().validate(document->root()), *document);
  if (!found.empty()) return invalid("its answer to describe", found);
  const json::object& root = document->root().get_object();
  const std::string recover = text_of(root, "recover");
  return Offer{recover == "key"    ? Recover::key
               : recover == "none" ? Recover::none
                                   : Recover::token,
               read_operations(root)};
}

result<json::object> check_config(const ComponentManifest& component, json::object config,
                                  const SourcePosition& position) {
  if (component.config_schema.is_null() && !config.empty())
    return invalid(
        "the configuration of component '" + component.name + "'",
        {Diagnostic{position, "component '" + component.name + "' takes no configuration",
                    "remove `config`"}});
  auto schema = Schema::compile(component.config_schema.is_null() ? json::value(json::object())
                                                                  : component.config_schema);
  if (!schema) return std::move(schema.error()).in("config_schema of '" + component.name + "'");
  json::value whole(std::move(config));
  schema->fill_defaults(whole);
  schema->convert_numbers(whole);
  std::vector<Diagnostic> found;
  for (const Violation& violation : schema->validate(whole))
    found.push_back({position,
                     "config" + (violation.pointer.empty() ? "" : " " + violation.pointer) + " " +
                         violation.message,
                     violation.remedy});
  if (!found.empty())
    return invalid("the configuration of component '" + component.name + "'", std::move(found));
  resolve_paths(component.config_schema, position, whole.get_object());
  return std::move(whole.get_object());
}

}  // namespace weft::plugin
