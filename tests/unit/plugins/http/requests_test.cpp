// SPDX-License-Identifier: Apache-2.0
// What the shipped descriptions send, judged by the vendors' own documents
// (tests/data/cloud/requests.json).
#include "base/json.hpp"
#include "catch.hpp"
#include "fixture.hpp"
#include "model/schema.hpp"

namespace http_test {
namespace {

// A form as a document sees it: files are texts, and a text that is a number may stand for one.
json form_value(const http_call& call, const json& properties) {
  json value = json::object();
  for (const http_call::form_part& part : call.form) {
    std::string name = part.name;
    if (name.ends_with("[]")) name.resize(name.size() - 2);
    const json type = properties.value(name, json::object()).value("type", json());
    const bool is_number = type == "number" || type == "integer";
    value[name] = is_number ? json::parse(part.bytes) : json(part.bytes);
  }
  return value;
}

std::vector<weft::Violation> judge(const json& schema, const json& value) {
  const auto compiled = weft::Schema::compile(*weft::parse_json(schema.dump()));
  if (!compiled) return {{"", "", compiled.error().to_string(), ""}};
  return compiled->validate(*weft::parse_json(value.dump()));
}

http_call first_request(const std::string& file, const std::string& operation, json params) {
  const json service = shipped_service(file);
  fake_host host;
  offer_expressions(host);
  set_secrets(host, service, "k");
  host.on_http("POST", "http", http_answer{.status = 400, .body = "{}"});
  auto instance = host.create(entry(), "http", service.at("config"));
  auto task = sample_task(host, service.at("config"), operation);
  for (const auto& [name, value] : params.items())
    if (value.is_null())
      task.params.erase(name);
    else
      task.params[name] = value;
  const auto job = instance.submit(std::move(task));
  host.run_until_idle();
  INFO(file << " " << operation << " " << job.message());
  REQUIRE(host.http_calls().size() == 1);
  return host.http_calls().front();
}

void check_request(const json& row, const json& schemas, const json& params) {
  const http_call call = first_request(row.at("service"), row.at("operation"), params);
  INFO(row.dump() << " " << call.body);
  CHECK(call.url.ends_with(row.at("path").get<std::string>()));
  const json& schema = schemas.at(row.at("schema").get<std::string>());
  const json value = call.form.empty()
                         ? json::parse(call.body)
                         : form_value(call, schema.value("properties", json::object()));
  for (const weft::Violation& violation : judge(schema, value)) {
    CAPTURE(violation.pointer, violation.message, value.dump());
    CHECK(violation.message.empty());
  }
}

TEST_CASE("each request is what the vendor's document takes") {
  const json documents = cloud_data("requests.json");
  REQUIRE(documents.at("requests").size() > 20);
  for (const json& row : documents.at("requests"))
    check_request(row, documents.at("schemas"), json::object());
}

TEST_CASE("each request with the required params alone is what the vendor's document takes") {
  const json documents = cloud_data("requests.json");
  for (const json& row : documents.at("requests")) {
    const json params =
        shipped(row.at("service")).at("operations").at(row.at("operation")).at("params");
    json left_out = json::object();
    const json required = params.value("required", json::array());
    for (const auto& [name, schema] : params.at("properties").items())
      if (std::find(required.begin(), required.end(), name) == required.end())
        left_out[name] = nullptr;
    check_request(row, documents.at("schemas"), left_out);
  }
}

TEST_CASE("the judge knows a wrong request") {
  const json documents = cloud_data("requests.json");
  const json& kling = documents.at("schemas").at("kling-unofficial json text2video");
  CHECK(judge(kling, {{"prompt", "a heron"}, {"duration", "5"}}).empty());
  CHECK_FALSE(judge(kling, {{"prompt", "a heron"}, {"duration", 5}}).empty());
  CHECK_FALSE(judge(kling, {{"promt", "a heron"}}).empty());
}

}  // namespace
}  // namespace http_test
