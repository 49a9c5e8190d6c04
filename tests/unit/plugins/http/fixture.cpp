// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/json.hpp"
#include "model/sample.hpp"
#include "plugin/expression_table.hpp"
#include "plugin/text.hpp"

namespace http_test {
namespace {

using weft::plugin::ExpressionTable;
using weft::plugin::view;

// The table of an instance; a program 1 is the first of a new one.
ExpressionTable& table_of(const weft_host* host, bool is_new = false) {
  static std::map<const weft_host*, std::unique_ptr<ExpressionTable>> tables;
  auto& found = tables[host];
  if (!found || is_new) found = std::make_unique<ExpressionTable>();
  return *found;
}

weft_status compile(const weft_host* host, weft_id program, std::uint32_t form, weft_str text,
                    weft_str variables, void* context, weft_take mistake) noexcept {
  const auto made =
      table_of(host, program == 1).compile(program, form, view(text), view(variables));
  if (made) return WEFT_OK;
  const std::string said = made.error().to_string();
  mistake(context, {said.data(), said.size()});
  return WEFT_BAD_INPUT;
}
weft_status bind(const weft_host* host, weft_id scope, weft_str name, weft_str value) noexcept {
  return table_of(host).bind(scope, view(name), view(value)) ? WEFT_OK : WEFT_BAD_INPUT;
}
weft_status evaluate(const weft_host* host, weft_id program, weft_id scope, void* context,
                     weft_take value) noexcept {
  const auto made = table_of(host).evaluate(program, scope);
  const std::string said = made ? *made : made.error().to_string();
  value(context, {said.data(), said.size()});
  return made ? WEFT_OK : WEFT_BAD_INPUT;
}
void drop(const weft_host* host, weft_id scope) noexcept {
  table_of(host).drop(scope);
}

constexpr weft_expression expressions{sizeof(weft_expression), 0, compile, bind, evaluate, drop};

}  // namespace

const weft_entry& entry() {
  static const weft::testing::library opened(HTTP_PLUGIN);
  return opened.entry();
}

void offer_expressions(fake_host& host) {
  host.offer(WEFT_EXPRESSION, &expressions);
}

std::vector<std::string> shipped_files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(HTTP_CONFIGS))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

json shipped_service(const std::string& file) {
  const toml::table read = toml::parse_file(std::string(HTTP_CONFIGS) + "/" + file);
  std::ostringstream text;
  text << toml::json_formatter(read);
  const json services = json::parse(text.str()).at("services");
  return services.begin().value();
}

json shipped(const std::string& file) {
  return shipped_service(file).at("config");
}

void set_secrets(fake_host& host, const json& service, const std::string& value) {
  for (const json& name : service.value("secrets", json::array()))
    host.set_secret(name.get<std::string>(), value);
}

json cloud_data(const std::string& file) {
  std::ifstream stream(std::string(CLOUD_DATA) + "/" + file);
  return json::parse(stream);
}

weft::testing::task_spec sample_task(fake_host& host, const json& config,
                                     const std::string& operation) {
  const json& described = config.at("operations").at(operation);
  const auto sample = [&](const char* of) {
    json schema = described.value(of, json::object());
    schema["type"] = "object";
    const auto read = weft::parse_json(schema.dump());
    return json::parse(boost::json::serialize(weft::sample_of(*read)));
  };
  weft::testing::task_spec task{
      .operation = operation, .params = sample("params"), .options = sample("options")};
  const json inputs = described.value("inputs", json::object());
  for (const auto& [name, input] : inputs.items())
    task.inputs.emplace_back(name, host.store("PNG of " + name, "image/png"));
  return task;
}

}  // namespace http_test
