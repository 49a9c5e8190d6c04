// SPDX-License-Identifier: Apache-2.0
#include "description.hpp"

#include <algorithm>
#include <array>

#include "reader.hpp"
#include "samples.hpp"

namespace http_plugin {
namespace {

struct Word {
  std::string_view word;
  weft_status status;
};
constexpr std::array<Word, 11> outcomes{{{"bad_input", WEFT_BAD_INPUT},
                                         {"unsupported", WEFT_UNSUPPORTED},
                                         {"refused", WEFT_REFUSED},
                                         {"auth", WEFT_AUTH},
                                         {"quota", WEFT_QUOTA},
                                         {"rate_limited", WEFT_RATE_LIMITED},
                                         {"transient", WEFT_TRANSIENT},
                                         {"lost", WEFT_LOST},
                                         {"unknown", WEFT_UNKNOWN},
                                         {"bad_output", WEFT_BAD_OUTPUT},
                                         {"cancelled", WEFT_CANCELLED}}};

weft_status outcome_named(Table& table) {
  const std::string word = table.need_text("outcome");
  std::set<std::string, std::less<>> known;
  for (const Word& row : outcomes) {
    if (row.word == word) return row.status;
    known.emplace(row.word);
  }
  table.fail("outcome", "no outcome is called '" + word + "'" + did_you_mean(word, known));
}

std::size_t secrets_in(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find("{secret:"); at != std::string_view::npos;
       at = text.find("{secret:", at + 1))
    ++count;
  return count;
}

// Whether a name stands at the beginning and ends there.
bool begins_with_name(std::string_view text, std::string_view name) {
  return text.starts_with(name) && (text.size() == name.size() || !is_word(text[name.size()]));
}

// Only headers are filled in: a key that stands elsewhere would be sent as it is written.
void forbid_secrets(const Table& table, std::string_view key, const json* value) {
  if (value && secrets_in(value->dump()) > 0)
    table.fail(key, "a secret stands in a header, nowhere else: headers = { ... }");
}

// A closed type of these very values: a setting that is not there is found when it is named.
json schema_of(const json& value) {
  if (value.is_boolean()) return {{"type", "boolean"}};
  if (value.is_number_integer()) return {{"type", "integer"}};
  if (value.is_number()) return {{"type", "number"}};
  if (value.is_string()) return {{"type", "string"}};
  if (!value.is_object()) return json::object();
  json properties = json::object(), required = json::array();
  for (const auto& [name, member] : value.items()) {
    properties[name] = schema_of(member);
    required.push_back(name);
  }
  return {{"type", "object"},
          {"properties", properties},
          {"required", required},
          {"additionalProperties", false}};
}

Url origin_of(Table& table, std::string_view key, const std::string& text) {
  const auto url = parse_url(text);
  if (!url) table.fail(key, "'" + text + "' is no http or https URL");
  return *url;
}

}  // namespace

template <class Make>
weft::expression Compiler::compile(const Table& table, std::string_view key,
                                   const std::string& source, Make make) {
  all_text_ += source + "\n";
  try {
    return make();
  } catch (const weft::error& mistake) {
    table.fail(key, mistake.what());
  }
}

weft::expression Compiler::bare(Table& table, std::string_view key) {
  if (!table.find(key)) return {};
  const std::string source = table.need_text(key);
  return compile(table, key, source, [&] { return language_.compile(source, variables_); });
}

weft::expression Compiler::literal(const Table& table, std::string_view key,
                                   const std::string& source) {
  return compile(table, key, source,
                 [&] { return language_.compile_template(source, variables_); });
}

weft::expression Compiler::text(Table& table, std::string_view key) {
  return table.find(key) ? literal(table, key, table.need_text(key)) : weft::expression();
}

weft::expression Compiler::value(Table& table, std::string_view key) {
  const json* source = table.find(key);
  if (!source) return {};
  return compile(table, key, source->dump(),
                 [&] { return language_.compile_json(*source, variables_); });
}

bool reads(std::string_view text, std::string_view variable, std::string_view member) {
  for (auto at = text.find(variable); at != std::string_view::npos;
       at = text.find(variable, at + 1)) {
    if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.')) continue;
    std::string_view rest = text.substr(at);
    if (!begins_with_name(rest, variable)) continue;
    rest.remove_prefix(variable.size());
    if (rest.starts_with('.')) {
      if (begins_with_name(rest.substr(1), member)) return true;
      continue;
    }
    if (!rest.starts_with('[')) return true;
    rest.remove_prefix(std::min(rest.find_first_not_of("[\\"), rest.size()));
    const bool is_literal = rest.starts_with('"') || rest.starts_with('\'');
    if (!is_literal || begins_with_name(rest.substr(1), member)) return true;
  }
  return false;
}

std::vector<Header> read_headers(Table& table, Compiler& compiler) {
  std::vector<Header> headers;
  const json* source = table.find("headers");
  if (!source) return headers;
  Table list(*source, table.path_of("headers"));
  for (const auto& [name, value] : source->items()) {
    const std::string text = list.need_text(name);
    headers.push_back({name, compiler.literal(list, name, text), secrets_in(text)});
  }
  return headers;
}

Request read_request(const json& value, const std::string& path, std::string_view method,
                     Compiler& compiler) {
  Table table(value, path);
  Request request;
  request.method = table.text("method", method);
  request.path = compiler.text(table, "path");
  request.url = compiler.bare(table, "url");
  if (static_cast<bool>(request.path) == static_cast<bool>(request.url))
    table.fail("path", "give either a path below the service's URL, or `url`, an expression");
  request.headers = read_headers(table, compiler);
  request.timeout_ms = table.timer_ms("timeout", 60'000);
  if (table.find("json") && table.find("form"))
    table.fail("form", "a request has a `json` or a `form`, not both");
  if (table.find("json")) request.body_kind = Request::Body::value;
  if (table.find("form")) request.body_kind = Request::Body::fields;
  request.body =
      compiler.value(table, request.body_kind == Request::Body::fields ? "form" : "json");
  for (const char* key : {"path", "url", "json", "form"})
    forbid_secrets(table, key, table.find(key));
  table.finish();
  return request;
}

std::vector<ErrorRule> read_errors(Table& table, Compiler& compiler) {
  std::vector<ErrorRule> rules;
  const json* source = table.find("errors");
  if (!source) return rules;
  if (!source->is_array()) table.fail("errors", "must be a list of tables");
  for (std::size_t i = 0; i < source->size(); ++i) {
    Table rule((*source)[i], table.path_of("errors") + "[" + std::to_string(i) + "]");
    rule.need("when");
    rules.push_back({compiler.bare(rule, "when"), compiler.bare(rule, "message"),
                     compiler.bare(rule, "retry_after"), outcome_named(rule),
                     rule.flag("free", false)});
    rule.finish();
  }
  return rules;
}

Description read_description(const json& config, weft::expressions& language) {
  Table table(config, "");
  Description all;
  all.base = table.need_text("url");
  while (all.base.ends_with('/')) all.base.pop_back();
  all.url = origin_of(table, "url", all.base);
  for (const std::string& origin : table.texts("origins"))
    all.origins.push_back(origin_of(table, "origins", origin));
  all.settings = config.value("settings", json::object());
  if (const json* settings = table.find("settings")) Table(*settings, "settings");
  std::string all_text;
  const json common = {{"config", schema_of(all.settings)},
                       {"status", {{"type", "integer"}}},
                       {"headers", json::object()},
                       {"body", json::object()},
                       {"job", json::object()},
                       {"task", json::object()}};
  Compiler compiler(language, common, all_text);
  all.headers = read_headers(table, compiler);
  all.errors = read_errors(table, compiler);
  all.error_message = compiler.bare(table, "error_message");
  all.retry_after_s = compiler.bare(table, "retry_after");
  if (const json* health = table.find("health")) {
    json request = *health;
    if (request.is_object()) request.erase("models");
    all.health = read_request(request, "health", "GET", compiler);
    Table extra(*health, "health");
    all.models = compiler.bare(extra, "models");
  }
  Table(table.need("operations"), "operations");
  for (const auto& [name, operation] : config.at("operations").items()) {
    const std::string path = "operations.\"" + name + "\"";
    Operation read = read_operation(operation, path, name, common, language, all_text);
    if (json samples = sample_answers(operation, all.base); !samples.empty())
      read.described["samples"] = std::move(samples);
    all.operations.emplace(name, std::move(read));
  }
  if (all.operations.empty()) table.fail("operations", "names no operation");
  table.finish();
  for (const auto& [name, value] : all.settings.items())
    if (!reads(all_text, "config", name))
      throw weft::error(WEFT_BAD_INPUT, "settings." + name + ": no expression uses it");
  return all;
}

}  // namespace http_plugin
