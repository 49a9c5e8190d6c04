// SPDX-License-Identifier: Apache-2.0
#include "fixture.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json.hpp"
#include "model/sample.hpp"

namespace http_test {

const weft_entry& entry() {
  static const weft::testing::library opened(HTTP_PLUGIN);
  return opened.entry();
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
