// SPDX-License-Identifier: Apache-2.0
#include "job_server.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace weft::testing {
namespace {

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* text) {
  static_cast<std::string*>(text)->append(bytes, size * count);
  return size * count;
}

std::string ask(const std::string& url, bool post = false) {
  const std::unique_ptr<CURL, void (*)(CURL*)> request(curl_easy_init(), curl_easy_cleanup);
  std::string text;
  curl_easy_setopt(request.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(request.get(), CURLOPT_WRITEFUNCTION, &append);
  curl_easy_setopt(request.get(), CURLOPT_WRITEDATA, &text);
  curl_easy_setopt(request.get(), CURLOPT_TIMEOUT, 10L);
  if (post) curl_easy_setopt(request.get(), CURLOPT_COPYPOSTFIELDS, "");
  const CURLcode done = curl_easy_perform(request.get());
  if (done != CURLE_OK) throw std::runtime_error(url + ": " + curl_easy_strerror(done));
  return text;
}

}  // namespace

JobServer::JobServer(const std::filesystem::path& folder)
    : program_({WEFT_JOB_SERVER, "--port-file", (folder / "port").string()}, folder) {
  if (!eventually([&] { return std::filesystem::exists(folder / "port"); }))
    throw std::runtime_error("weft-job-server does not start: " + program_.finish().err);
  std::string port;
  std::ifstream(folder / "port") >> port;
  url_ = "http://127.0.0.1:" + port;
}

json::object JobServer::stats() const {
  return json::parse(ask(url_ + "/stats")).as_object();
}

void JobServer::forget_jobs() const {
  ask(url_ + "/restart", true);
}

bool JobServer::each_billed_once() const {
  const json::object all = stats();
  return std::ranges::all_of(all.at("by_key").as_object(),
                             [](const auto& entry) { return entry.value() == 1; });
}

}  // namespace weft::testing
