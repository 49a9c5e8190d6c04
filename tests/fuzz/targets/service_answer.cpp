// SPDX-License-Identifier: Apache-2.0
// Answers of services into the http adapter, by the shipped descriptions.
#include <algorithm>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "target.hpp"

namespace weft::fuzz {
namespace {

using http_test::json;
using weft::testing::http_answer;
using weft::testing::http_call;

constexpr char separator = '\x1e';
constexpr const char* key = "k3y-of-the-service";

// Which operation of which description; the first record of the input says its name.
struct Described {
  std::string name;  // "runway.toml video.from_image"
  std::string operation;
  json service;
};

const std::vector<Described>& all_described() {
  static const std::vector<Described> all = [] {
    std::vector<Described> made;
    for (const std::string& file : http_test::shipped_files()) {
      const json service = http_test::shipped_service(file);
      for (const auto& [operation, of] : service.at("config").at("operations").items())
        made.push_back({file + " " + operation, operation, service});
    }
    return made;
  }();
  return all;
}

const Described& described(std::string_view name) {
  const auto& all = all_described();
  const auto found = std::ranges::find(all, name, &Described::name);
  if (found != all.end()) return *found;
  return all[name.empty() ? 0 : static_cast<unsigned char>(name.front()) % all.size()];
}

// "STATUS CONTENT-TYPE", a line break, and the body.
http_answer answer_in(std::string_view record) {
  const std::size_t end = std::min(record.find('\n'), record.size());
  const std::string head(record.substr(0, end));
  http_answer answer;
  answer.status = 0;
  std::size_t at = 0;
  for (; at < head.size() && at < 3 && head[at] >= '0' && head[at] <= '9'; ++at)
    answer.status = answer.status * 10 + static_cast<std::uint32_t>(head[at] - '0');
  if (answer.status < 200) answer.status += 200;
  if (at + 1 < head.size()) answer.headers.emplace_back("content-type", head.substr(at + 1));
  if (end < record.size()) answer.body = record.substr(end + 1);
  return answer;
}

std::vector<std::string_view> records_of(std::string_view input) {
  std::vector<std::string_view> records;
  for (;;) {
    const std::size_t end = std::min(input.find(separator), input.size());
    records.push_back(input.substr(0, end));
    if (end == input.size()) return records;
    input.remove_prefix(end + 1);
  }
}

void check_calls(const weft::testing::fake_host& host, const json& config) {
  const std::string own = config.at("url").get<std::string>();
  const std::string origin = own.substr(0, own.find('/', own.find("//") + 2));
  int bought = 0;
  for (const http_call& call : host.http_calls()) {
    bought += call.buys ? 1 : 0;
    const bool is_ours = call.url.starts_with(origin) || config.contains("origins");
    for (const auto& [name, value] : call.headers)
      expect(is_ours || value.find(key) == std::string::npos, "a key goes to its service alone");
    expect(call.url.find(key) == std::string::npos, "no key stands in a URL");
  }
  expect(bought <= 1, "nothing is bought twice");
}

}  // namespace

void service_answer(std::string_view input) {
  const auto records = records_of(input);
  const Described& what = described(records.front());
  weft::testing::fake_host host;
  weft::testing::offer_expressions(host);
  http_test::set_secrets(host, what.service, key);
  std::size_t next = 1;
  for (const char* method : {"GET", "POST", "PUT", "DELETE"})
    host.on_http(method, "http", [&](const http_call&) {
      if (next < records.size()) return answer_in(records[next++]);
      weft::testing::http_answer none;
      none.failure = WEFT_NOT_SENT;
      return none;
    });
  const json& config = what.service.at("config");
  auto instance = host.create(http_test::entry(), "http", config);
  const auto job = instance.submit(http_test::sample_task(host, config, what.operation));
  host.run_until_idle();
  expect(job.status() != WEFT_INTERNAL, "an answer is no defect of the plugin");
  expect(job.status() == WEFT_OK || !job.message().empty(), "a failure says why");
  expect(host.violations().empty(), "the laws of the ABI are kept");
  check_calls(host, config);
}

}  // namespace weft::fuzz
