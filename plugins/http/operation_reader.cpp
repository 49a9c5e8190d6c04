// SPDX-License-Identifier: Apache-2.0
// One operation of a description.
#include <algorithm>

#include "reader.hpp"

namespace http_plugin {
namespace {

// The schema of params or options as describe says it; `type` is what expressions see of it.
json read_schema(Table& table, std::string_view key, json& known, json& type) {
  json schema = table.find(key) ? *table.find(key) : json::object();
  Table check(schema, table.path_of(key));
  for (const char* keyword : {"required", "anyOf", "allOf", "oneOf", "not", "if", "then", "else",
                              "dependencies", "description"})
    check.find(keyword);
  json properties = check.find("properties") ? *check.find("properties") : json::object();
  check.finish();
  Table each(properties, check.path_of("properties"));
  json types = json::object();
  known = json::array();
  for (const auto& [name, property] : properties.items()) {
    Table(property, each.path_of(name));
    types[name] = weft::nullable_type(property);
    known.push_back(name);
  }
  type = weft::closed_type(std::move(types));
  schema["type"] = "object";
  schema["properties"] = std::move(properties);
  schema["additionalProperties"] = false;
  return schema;
}

// Inputs by name, and what expressions see of them: an artifact, or null; a list of artifacts.
void read_inputs(Table& table, Operation& operation, json& type) {
  json types = json::object();
  operation.inputs_known = json::object();
  if (const json* inputs = table.find("inputs")) {
    Table check(*inputs, table.path_of("inputs"));
    for (const auto& [name, input] : inputs->items()) {
      Table one(check.need(name), check.path_of(name));
      one.texts("media_types");
      one.flag("optional", false);
      const bool list = one.flag("list", false);
      one.finish();
      types[name] = list ? json{{"type", "array"}, {"items", {{"type", "artifact"}}}}
                         : json{{"type", {"artifact", "null"}}};
      operation.inputs_known[name] = list;
    }
    operation.described["inputs"] = *inputs;
  }
  type = weft::closed_type(std::move(types));
}

Output read_output(const json& value, const std::string& path, const std::string& name,
                   Compiler& compiler, json& described) {
  Table table(value, path);
  Output output;
  output.name = name;
  output.base64 = compiler.bare(table, "base64");
  output.url = compiler.bare(table, "url");
  output.value = compiler.bare(table, "value");
  output.body = table.flag("body", false);
  output.optional = table.flag("optional", false);
  output.media_type = table.text("media_type", "");
  output.meta = compiler.value(table, "meta");
  output.schema = compiler.bare(table, "schema");
  if (output.meta && output.value) table.fail("meta", "is of an artifact, and this is a value");
  if (output.schema && !output.value) table.fail("schema", "is for an output with a `value`");
  const bool is_artifact = output.base64 || output.url || output.body;
  if (is_artifact == static_cast<bool>(output.value))
    table.fail("value", "say where it is found: `base64`, `url` or `body`, or `value` alone");
  if (is_artifact && output.media_type.empty())
    table.fail("media_type", "is missing: of bytes whose type the service does not say");
  if (is_artifact) {
    const auto slash = output.media_type.find('/');
    output.media_types = {output.media_type.substr(0, slash) + "/*"};
    if (auto taken = table.texts("media_types"); !taken.empty())
      output.media_types = std::move(taken);
    described[name] = {{"media_types", output.media_types}};
  } else {
    described[name] = json::object();
  }
  table.finish();
  return output;
}

std::map<std::string, std::string> read_states(Table& table) {
  std::map<std::string, std::string> states;
  Table words(table.need("states"), table.path_of("states"));
  for (const char* ours : {"queued", "running", "done", "failed", "refused", "cancelled", "lost"}) {
    for (const std::string& word : words.texts(ours))
      if (!states.emplace(word, ours).second) words.fail(ours, "'" + word + "' stands twice");
  }
  words.finish();
  if (std::ranges::none_of(states, [](const auto& row) { return row.second == "done"; }))
    table.fail("states", "no word means done");
  return states;
}

Poll read_poll(const json& value, const std::string& path, Compiler& compiler) {
  Table table(value, path);
  Poll poll;
  const auto request = [&](std::string_view key, std::string_view method) {
    return read_request(table.need(key), table.path_of(key), method, compiler);
  };
  poll.ask = request("ask", "GET");
  if (table.find("result")) poll.result = request("result", "GET");
  if (table.find("cancel")) poll.cancel = request("cancel", "POST");
  if (table.find("find")) poll.find = request("find", "GET");
  const json& handle = table.need("handle");
  Table names(handle, table.path_of("handle"));
  for (const auto& [name, text] : handle.items())
    poll.handle.emplace_back(name, compiler.bare(names, name));
  if (poll.handle.empty()) table.fail("handle", "names nothing that finds the job again");
  table.need("state");
  poll.state = compiler.bare(table, "state");
  poll.states = read_states(table);
  poll.progress = compiler.bare(table, "progress");
  poll.wait_ms = compiler.bare(table, "wait_ms");
  poll.every_ms = table.timer_ms("every", 2000);
  poll.max_every_ms = table.timer_ms("max_every", poll.every_ms);
  poll.backoff = table.number("backoff", 1);
  poll.patience_ms = table.duration_ms("patience", 600'000);
  poll.lost_grace_ms = table.duration_ms("lost_grace", 0);
  poll.expires_ms = table.duration_ms("expires", 0);
  poll.at_submit = table.flag("at_submit", false);
  if (poll.backoff < 1) table.fail("backoff", "must be at least 1");
  if (table.find("max_every") && poll.backoff == 1)
    table.fail("max_every", "nothing grows: give `backoff` as well, or leave it out");
  if (poll.max_every_ms < poll.every_ms) table.fail("max_every", "must not be below `every`");
  table.finish();
  return poll;
}

Beside read_beside(const json& value, const std::string& path, Compiler& compiler) {
  Table table(value, path);
  Beside beside;
  beside.ask = read_request(table.need("ask"), table.path_of("ask"), "GET", compiler);
  table.need("progress");
  beside.progress = compiler.bare(table, "progress");
  beside.ours = compiler.bare(table, "ours");
  beside.every_ms = table.timer_ms("every", 1000);
  if (const json* cancel = table.find("cancel"))
    beside.cancel = read_request(*cancel, table.path_of("cancel"), "POST", compiler);
  table.finish();
  return beside;
}

// What is offered and goes nowhere would be ignored. A value that is the only one needs no
// expression.
void forbid_unread(const Table& table, std::string_view key, const json& described,
                   const std::string& text) {
  const json properties = described.value("properties", json::object());
  for (const auto& [name, property] : properties.items()) {
    const bool is_fixed =
        property.contains("const") || property.value("enum", json::array()).size() == 1;
    if (!is_fixed && !reads(text, key, name))
      table.fail(key, "no expression uses '" + name + "', so that it would be ignored");
  }
}

bool is_date(const std::string& text) {
  return text.size() == 10 && std::ranges::all_of(text, [&](const char& c) {
           const auto at = &c - text.data();
           return at == 4 || at == 7 ? c == '-' : c >= '0' && c <= '9';
         });
}

Cost read_cost(Table& parent, Operation& operation, Compiler& compiler) {
  Cost cost;
  const json* source = parent.find("cost");
  if (!source) return cost;
  Table table(*source, parent.path_of("cost"));
  cost.estimate = compiler.bare(table, "estimate");
  cost.actual = compiler.bare(table, "actual");
  cost.currency = table.text("currency", "USD");
  const std::string as_of = table.need_text("as_of");
  if (!is_date(as_of)) table.fail("as_of", "must be the day of the prices: '2026-08-21'");
  operation.described["tags"] = {"prices as of " + as_of};
  if (!cost.estimate && !cost.actual) table.fail("estimate", "give `estimate`, `actual` or both");
  table.finish();
  return cost;
}

}  // namespace

Operation read_operation(const json& value, const std::string& path, const std::string& name,
                         const json& variables, weft::expressions& language,
                         std::string& all_text) {
  Table table(value, path);
  Operation operation;
  const std::size_t before = all_text.size();
  json known = variables;
  operation.described = {{"name", name}};
  operation.described["params"] =
      read_schema(table, "params", operation.params_known, known["params"]);
  const bool has_options = table.find("options") != nullptr;
  json options = read_schema(table, "options", operation.options_known, known["options"]);
  if (has_options) operation.described["options"] = std::move(options);
  read_inputs(table, operation, known["inputs"]);
  known["parsed"] = json::object();
  Compiler compiler(language, known, all_text);
  operation.submit = read_request(table.need("submit"), table.path_of("submit"), "POST", compiler);
  operation.answer_limit_bytes = table.size_bytes("answer_limit", 64 << 20);
  operation.file_limit_bytes = table.size_bytes("file_limit", std::uint64_t{4} << 30);
  operation.errors = read_errors(table, compiler);
  operation.parse = compiler.bare(table, "parse");
  if (const json* poll = table.find("poll"))
    operation.poll = read_poll(*poll, table.path_of("poll"), compiler);
  if (const json* beside = table.find("beside")) {
    operation.beside = read_beside(*beside, table.path_of("beside"), compiler);
    if (operation.poll)
      table.fail("beside", "is for an order that stays open, and `poll` for one that does not");
  }
  const json& outputs = table.need("outputs");
  Table names(outputs, table.path_of("outputs"));
  json described = json::object();
  for (const auto& [output, said] : outputs.items())
    operation.outputs.push_back(
        read_output(names.need(output), names.path_of(output), output, compiler, described));
  operation.described["outputs"] = std::move(described);
  operation.cost = read_cost(table, operation, compiler);
  table.finish();
  const std::string text = all_text.substr(before);
  forbid_unread(table, "params", operation.described["params"], text);
  if (has_options) forbid_unread(table, "options", operation.described["options"], text);
  for (const auto& [input, is_list] : operation.inputs_known.items())
    if (!reads(text, "inputs", input))
      table.fail("inputs", "no expression uses '" + input + "', so that it would be ignored");
  if (operation.poll)
    for (const auto& [handle, where] : operation.poll->handle)
      if (!reads(all_text, "job", handle))
        table.fail("poll", "no expression uses the handle '" + handle + "'");
  return operation;
}

}  // namespace http_plugin
