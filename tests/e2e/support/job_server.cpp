// SPDX-License-Identifier: Apache-2.0
#include "job_server.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <fstream>
#include <stdexcept>

#include "asking.hpp"

namespace weft::testing {

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
  ask(url_ + "/restart", "");
}

bool JobServer::each_billed_once() const {
  const json::object all = stats();
  return std::ranges::all_of(all.at("by_key").as_object(),
                             [](const auto& entry) { return entry.value() == 1; });
}

}  // namespace weft::testing
