// SPDX-License-Identifier: Apache-2.0
#include "request.hpp"

#include <algorithm>
#include <vector>

namespace http_plugin {
namespace {

constexpr const char* mark = "$artifact";

bool is_artifact(const json& value) {
  return value.is_object() && value.contains(mark);
}

// The artifacts of a body, each with the text that stands for it until the request is sent.
class Embedded {
 public:
  explicit Embedded(const weft::request* inputs) : inputs_(inputs) {}

  const weft::artifact& find(const json& value) const {
    const std::string sha256 = value.at(mark).get<std::string>();
    const std::string name = value.value("name", "");
    if (inputs_)
      for (const weft::artifact& content : inputs_->inputs(name))
        if (content.sha256() == sha256) return kept_.emplace_back(content);
    throw weft::error(WEFT_INTERNAL, "a body names an artifact that is no input");
  }
  // The attempt's key in it keeps a prompt from looking like one.
  std::string marker(const json& value) {
    const weft::artifact& content = find(value);
    std::string text = "{" + inputs_->idempotency_key() + " " + std::to_string(list_.size()) + "}";
    list_.emplace_back(text, content);
    return text;
  }
  const std::vector<std::pair<std::string, weft::artifact>>& list() const { return list_; }

 private:
  const weft::request* inputs_;
  mutable std::vector<weft::artifact> kept_;
  std::vector<std::pair<std::string, weft::artifact>> list_;
};

json encoded(const json& value, bool as_uri, Embedded& embedded) {
  if (value.is_null()) return nullptr;
  if (value.is_array()) {
    json list = json::array();
    for (const json& one : value) list.push_back(encoded(one, as_uri, embedded));
    return list;
  }
  if (!is_artifact(value))
    throw weft::error(WEFT_BAD_INPUT, "$data_uri and $base64 hold an artifact");
  const std::string before =
      as_uri ? "data:" + value.value("media_type", "application/octet-stream") + ";base64," : "";
  return before + embedded.marker(value);
}

// Without members that are null, and objects of which nothing is left.
json composed(const json& value, Embedded& embedded) {
  if (value.is_array()) {
    json list = json::array();
    for (const json& one : value)
      if (json made = composed(one, embedded); !made.is_null()) list.push_back(std::move(made));
    return list;
  }
  if (!value.is_object()) return value;
  if (is_artifact(value))
    throw weft::error(WEFT_BAD_INPUT,
                      "an artifact in JSON needs { \"$data_uri\" = ... } or { \"$base64\" = ... }");
  if (value.contains("$data_uri")) return encoded(value["$data_uri"], true, embedded);
  if (value.contains("$base64")) return encoded(value["$base64"], false, embedded);
  json object = json::object();
  for (const auto& [name, member] : value.items())
    if (json made = composed(member, embedded); !made.is_null()) object[name] = std::move(made);
  return object.empty() && !value.empty() ? json() : object;
}

void add_field(weft::http_request& request, const std::string& name, const json& value,
               const Embedded& embedded) {
  if (value.is_null()) return;
  if (value.is_array()) {
    for (const json& one : value) add_field(request, name, one, embedded);
  } else if (is_artifact(value)) {
    (void)std::move(request).file(name, embedded.find(value));
  } else {
    (void)std::move(request).field(name,
                                   value.is_string() ? value.get<std::string>() : value.dump());
  }
}

std::string text_of(const weft::expression_scope& scope, const weft::expression& text) {
  const json value = scope.evaluate(text);
  if (!value.is_string()) throw weft::error(WEFT_BAD_OUTPUT, "a URL is no text: " + value.dump());
  return value.get<std::string>();
}

void add_headers(weft::http_request& request, const std::vector<Header>& headers, Trust trust,
                 const weft::expression_scope& scope) {
  for (const Header& header : headers) {
    if (trust != Trust::service && header.secrets > 0) continue;
    const json value = scope.evaluate(header.value);
    if (value.is_null()) continue;
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    std::size_t secrets = 0;
    for (auto at = text.find("{secret:"); at != std::string::npos;
         at = text.find("{secret:", at + 1))
      ++secrets;
    if (secrets != header.secrets)
      throw weft::error(WEFT_BAD_INPUT, "a value for the header '" + header.name +
                                            "' asks for a secret, which only a description may");
    (void)std::move(request).header(header.name, text);
  }
}

// What expressions see of an artifact.
json artifact_value(const weft::artifact& content, const std::string& name) {
  return {{mark, content.sha256()},
          {"media_type", content.media_type()},
          {"bytes", content.length()},
          {"name", name}};
}

}  // namespace

Trust trust_in(const Description& all, const std::string& text) {
  const auto url = parse_url(text);
  const std::string shown = text.substr(0, std::min<std::size_t>(text.find('?'), 200));
  if (!url)
    throw weft::error(WEFT_BAD_OUTPUT, "the service names what is no http or https URL: " + shown);
  if (same_origin(*url, all.url)) return Trust::service;
  for (const Url& origin : all.origins)
    if (fits_origin(*url, origin)) return Trust::service;
  if (all.url.scheme == "https" && url->scheme != "https")
    throw weft::error(WEFT_BAD_OUTPUT, "the service names a URL without TLS: " + shown);
  if (url->host == all.url.host) return Trust::host;
  if (is_local(url->host))
    throw weft::error(WEFT_BAD_OUTPUT, "the service names a local address: " + shown);
  return Trust::foreign;
}

void bind_task(weft::expression_scope& scope, const Description& all, const Operation& operation,
               const weft::request& task, std::int64_t now_ms) {
  const auto filled = [](json given, const json& names) {
    for (const json& name : names) given.emplace(name.get<std::string>(), nullptr);
    return given;
  };
  scope.bind("config", all.settings);
  scope.bind("params", filled(task.params(), operation.params_known));
  scope.bind("options", filled(task.options(), operation.options_known));
  json inputs = json::object();
  for (const auto& [name, is_list] : operation.inputs_known.items()) {
    json list = json::array();
    for (const weft::artifact& content : task.inputs(name))
      list.push_back(artifact_value(content, name));
    if (is_list == true) {
      inputs[name] = std::move(list);
    } else {
      inputs[name] = list.empty() ? json() : list.front();
    }
  }
  scope.bind("inputs", inputs);
  json left = nullptr;
  if (task.deadline_ms() > 0)
    left = std::max<std::int64_t>(0, (task.deadline_ms() - now_ms) / 1000);
  scope.bind("task", {{"key", task.idempotency_key()},
                      {"seconds_left", left},
                      {"label", task.label()},
                      {"run", task.run()}});
}

weft::http_request build_download(const Description& all, const std::string& url,
                                  const weft::expression_scope& scope) {
  const Trust trust = trust_in(all, url);
  auto made = weft::get(cleaned(url)).any_status();
  if (trust == Trust::foreign) (void)std::move(made).public_only();
  if (trust != Trust::service) return made;
  for (const Header& header : all.headers)
    if (const auto value = scope.find(header.value); value && value->is_string())
      (void)std::move(made).header(header.name, value->get<std::string>());
  return made;
}

weft::http_request build(const Description& all, const Request& request,
                         const weft::expression_scope& scope, const weft::request* inputs) {
  std::string url;
  Trust trust = Trust::service;
  if (request.path) {
    const std::string path = cleaned(text_of(scope, request.path));
    if (!path.starts_with('/') || climbs(path))
      throw weft::error(WEFT_BAD_INPUT,
                        "a path must begin with / and stay below the service's "
                        "URL: " +
                            path.substr(0, 200));
    url = all.base + path;
  } else {
    url = text_of(scope, request.url);
    trust = trust_in(all, url);
    url = cleaned(url);
  }
  weft::http_request made(request.method, std::move(url));
  add_headers(made, all.headers, trust, scope);
  add_headers(made, request.headers, trust, scope);
  (void)std::move(made).any_status().timeout(request.timeout_ms);
  if (trust == Trust::foreign) (void)std::move(made).public_only();
  if (!request.body) return made;
  Embedded embedded(inputs);
  const json source = scope.evaluate(request.body);
  if (request.body_kind == Request::Body::value) {
    (void)std::move(made).json(composed(source, embedded));
    for (const auto& [marker, content] : embedded.list())
      (void)std::move(made).embed(marker, content);
  } else {
    for (const auto& [name, value] : source.items()) add_field(made, name, value, embedded);
  }
  return made;
}

}  // namespace http_plugin
