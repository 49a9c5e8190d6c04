// SPDX-License-Identifier: Apache-2.0
#include "model/operation.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "model/canonical_operations.hpp"
#include "model/table_reader.hpp"

namespace weft {
namespace {

std::string read_media_type(TableReader& table) {
  const json::string* text = table.text("media_type");
  if (!text) return {};
  if (!is_media_type(*text))
    table.wrong("media_type", "'" + excerpt(*text, 60) + "' is no media type",
                "write one such as \"image/*\"");
  return std::string(*text);
}

// The keywords that are the same for every operation are put in here, so that none can forget them.
Schema read_params(TableReader& operation) {
  json::object schema;
  if (const json::object* written = operation.object("params")) schema = *written;
  for (const char* fixed : {"type", "additionalProperties"})
    if (schema.contains(fixed))
      operation.mistakes().add(
          operation.document().key_position(child_pointer(operation.pointer_of("params"), fixed)),
          std::string("'") + fixed + "' is the same for the params of every operation",
          "leave it out");
  for (const Violation& violation : check_schema(schema))
    operation.mistakes().add(
        operation.document().key_position(operation.pointer_of("params") + violation.pointer),
        "'" + split_pointer(violation.pointer).back() + "' " + violation.message, violation.remedy);
  schema["type"] = "object";
  schema["additionalProperties"] = false;
  json::object properties;
  if (const json::value* written = schema.if_contains("properties");
      written && written->is_object())
    properties = written->get_object();
  properties["options"] =
      json::object{{"type", "object"},
                   {"additionalProperties", json::object{{"type", "object"}}},
                   {"description", "what only one component knows: options.<component>"}};
  schema["properties"] = std::move(properties);
  auto compiled = operation.mistakes().any() ? Schema() : Schema::compile(schema);
  if (compiled) return *compiled;
  operation.wrong("params", compiled.error().message, compiled.error().remedy);
  return {};
}

std::vector<OperationInput> read_inputs(TableReader& operation) {
  std::vector<OperationInput> inputs;
  const json::object* members = operation.object("inputs");
  if (!members) return inputs;
  for (const json::key_value_pair& member : *members) {
    const std::string name(member.key());
    const std::string pointer = child_pointer(operation.pointer_of("inputs"), name);
    check_name(name, operation.document().key_position(pointer), operation.mistakes());
    TableReader table(operation.document(), pointer, "input '" + name + "'", operation.mistakes());
    table.require("media_type", "say what it takes: media_type = \"image/*\"");
    OperationInput input{name, read_media_type(table), false, true};
    input.list = table.boolean("list").value_or(false);
    input.required = table.boolean("required").value_or(true);
    table.finish();
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::vector<OperationOutput> read_outputs(TableReader& operation) {
  std::vector<OperationOutput> outputs;
  operation.require("outputs", "say what it gives: outputs.image = { media_type = \"image/*\" }");
  const json::object* members = operation.object("outputs");
  if (!members) return outputs;
  for (const json::key_value_pair& member : *members) {
    const std::string name(member.key());
    const std::string pointer = child_pointer(operation.pointer_of("outputs"), name);
    check_name(name, operation.document().key_position(pointer), operation.mistakes());
    TableReader table(operation.document(), pointer, "output '" + name + "'", operation.mistakes());
    OperationOutput output{name, read_media_type(table), nullptr};
    if (const json::value* schema = table.any("schema")) {
      output.schema = *schema;
      for (const Violation& violation : check_schema(*schema))
        table.wrong("schema", "the schema of " + table.what() + " " + violation.message,
                    violation.remedy);
    }
    if (table.has("schema") == table.has("media_type"))
      operation.mistakes().add(table.position(),
                               table.what() + " must have either 'media_type' or 'schema'",
                               "media_type for an artifact, schema for a plain value");
    table.finish();
    outputs.push_back(std::move(output));
  }
  return outputs;
}

bool is_operation_name(std::string_view name) {
  const std::size_t dot = name.find('.');
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  return dot != name.npos && dot > 0 && dot + 1 < name.size() &&
         std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

bool is_media_type(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  return slash != text.npos && slash > 0 && slash + 1 < text.size() &&
         text.find('/', slash + 1) == text.npos && text.find_first_of(" ;,\"") == text.npos;
}

bool media_type_fits(std::string_view media_type, std::string_view pattern) noexcept {
  const auto part_fits = [](std::string_view a, std::string_view b) {
    return a == b || a == "*" || b == "*";
  };
  const auto bare = [](std::string_view type) {
    return type.substr(0, std::min(type.find_first_of("; "), type.size()));
  };
  media_type = bare(media_type), pattern = bare(pattern);
  const std::size_t slash = media_type.find('/'), pattern_slash = pattern.find('/');
  if (slash == media_type.npos || pattern_slash == pattern.npos) return false;
  return part_fits(media_type.substr(0, slash), pattern.substr(0, pattern_slash)) &&
         part_fits(media_type.substr(slash + 1), pattern.substr(pattern_slash + 1));
}

OperationCatalog OperationCatalog::canonical() {
  static const OperationCatalog all = [] {
    OperationCatalog catalog;
    for (const EmbeddedOperation& one : canonical_operations())
      if (auto added = catalog.add_toml(one.text, std::string(one.file)); !added)
        throw std::logic_error(
            added.error().to_string());  // a defect of the build: the texts are part of it
    return catalog;
  }();
  return all;
}

result<> OperationCatalog::add_toml(std::string_view text, const std::string& file) {
  auto document = Document::from_toml(text, file);
  if (!document) return document.error();
  Mistakes mistakes;
  TableReader root(*document, "", "an operation file", mistakes);
  std::vector<std::shared_ptr<const Operation>> added = read_tables(root);
  root.finish();
  if (mistakes.any()) return invalid(file, mistakes.take());
  add(added);
  return {};
}

void OperationCatalog::add(const std::vector<std::shared_ptr<const Operation>>& added) {
  operations_.insert(operations_.end(), added.begin(), added.end());
  std::sort(operations_.begin(), operations_.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
}

std::vector<std::shared_ptr<const Operation>> OperationCatalog::read_tables(
    TableReader& root) const {
  std::vector<std::shared_ptr<const Operation>> added;
  const json::object* tables = root.object("operations");
  if (!tables) return added;
  for (const json::key_value_pair& member : *tables) {
    const std::string name(member.key());
    TableReader table(root.document(), child_pointer(root.pointer_of("operations"), name),
                      "operation '" + name + "'", root.mistakes());
    if (!is_operation_name(name))
      root.mistakes().add(table.position(), "'" + excerpt(name, 60) + "' cannot name an operation",
                          "write \"<medium>.<verb>\", such as \"image.generate\"");
    if (find(name))
      root.mistakes().add(table.position(), "operation '" + name + "' is defined already",
                          "give yours another name: an operation means the same everywhere");
    auto operation = std::make_shared<Operation>();
    operation->name = name;
    table.require("summary", "say in one line what it does");
    if (const json::string* summary = table.text("summary"))
      operation->summary = std::string(*summary);
    if (const auto reuse = table.word("reuse", reuse_words))
      operation->reuse = static_cast<Reuse>(*reuse);
    operation->params = read_params(table);
    operation->inputs = read_inputs(table);
    operation->outputs = read_outputs(table);
    table.finish();
    added.push_back(std::move(operation));
  }
  return added;
}

std::shared_ptr<const Operation> OperationCatalog::find(std::string_view name) const {
  const auto at = std::lower_bound(
      operations_.begin(), operations_.end(), name,
      [](const auto& operation, std::string_view wanted) { return operation->name < wanted; });
  return at != operations_.end() && (*at)->name == name ? *at : nullptr;
}

std::vector<std::string> OperationCatalog::names() const {
  std::vector<std::string> all;
  for (const auto& operation : operations_) all.push_back(operation->name);
  return all;
}

}  // namespace weft
