// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include <boost/json/parse.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

#include "asking.hpp"

namespace weft::testing {

namespace {

std::vector<std::string> command(const std::filesystem::path& folder,
                                 const std::filesystem::path& video) {
  std::vector<std::string> words{WEFT_CLOUD_FAKE, "--port-file", (folder / "port").string()};
  if (!video.empty()) words.insert(words.end(), {"--video", video.string()});
  return words;
}

}  // namespace

Cloud::Cloud(const std::filesystem::path& video)
    : program_(command(folder_.path(), video), folder_.path()) {
  if (!eventually([&] { return std::filesystem::exists(folder_.path() / "port"); }))
    throw std::runtime_error("weft-cloud-fake does not start: " + program_.finish().err);
  std::string port, slow_door;
  std::ifstream(folder_.path() / "port") >> port >> slow_door;
  url_ = "http://127.0.0.1:" + port;
  slow_url_ = "http://127.0.0.1:" + slow_door;
}

void Cloud::script(const std::string& text) const {
  if (const std::string answer = ask(url_ + "/fake/script", text); answer != "{}")
    throw std::invalid_argument(answer);
}

void Cloud::finish_jobs() const {
  ask(url_ + "/fake/finish", "");
}

void Cloud::forget_jobs() const {
  ask(url_ + "/fake/restart", "");
}

json::object Cloud::stats() const {
  return json::parse(ask(url_ + "/fake/stats")).as_object();
}

std::int64_t Cloud::requests(std::string_view begin) const {
  std::int64_t count = 0;
  const json::object all = stats();
  for (const auto& [what, times] : all.at("requests").as_object())
    if (std::string_view(what).starts_with(begin)) count += times.as_int64();
  return count;
}

std::string Cloud::described(const std::string& file) const {
  std::ifstream stream(std::string(WEFT_CLOUD_CONFIGS) + "/" + file);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  const std::regex origin(R"(\nurl( *)= "https?://[^/"]+)");
  const std::regex pause(R"(\n(every|max_every|lost_grace)( *)= "[0-9a-z]+")");
  text = std::regex_replace(text, origin, "\nurl$1= \"" + url_);
  return std::regex_replace(text, pause, "\n$1$2= \"100ms\"");
}

}  // namespace weft::testing
