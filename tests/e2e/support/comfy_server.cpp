// SPDX-License-Identifier: Apache-2.0
#include "comfy_server.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <csignal>
#include <stdexcept>

#include "asking.hpp"

namespace weft::testing {
namespace {

constexpr std::string_view said_first = "listening on ";

std::filesystem::path made(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace

ComfyServer::ComfyServer(const std::filesystem::path& folder, const std::string& port)
    : folder_(made(folder)), program_({WEFT_COMFYUI_FAKE, "--port", port}, folder_) {
  if (!eventually([&] { return program_.out().ends_with('\n'); }))
    throw std::runtime_error("weft-comfyui-fake does not start: " + program_.finish().err);
  const std::string said = program_.out();
  url_ = "http://127.0.0.1:" + said.substr(said_first.size(), said.size() - said_first.size() - 1);
}

void ComfyServer::order(const std::string& script) const {
  if (const std::string answer = ask(url_ + "/fake/script", script); answer != "{}")
    throw std::runtime_error("the fake does not take its script: " + answer);
}

json::object ComfyServer::stats() const {
  return json::parse(ask(url_ + "/fake/stats")).as_object();
}

bool ComfyServer::each_accepted_once() const {
  const json::object all = stats();
  return std::ranges::all_of(all.at("by_id").as_object(),
                             [](const auto& entry) { return entry.value() == 1; });
}

void ComfyServer::kill() {
  program_.signal(SIGKILL);
  program_.finish();
}

}  // namespace weft::testing
