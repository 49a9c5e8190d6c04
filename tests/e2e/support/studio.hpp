// SPDX-License-Identifier: Apache-2.0
// A place in which films are made as projects.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "job_server.hpp"
#include "place.hpp"

namespace weft::testing {

// A paid service for everything that a film is made of.
class Studio : private TempFolder, public JobServer, public Place {
 public:
  explicit Studio(int delay_ms = 5, const std::string& recover = "key",
                  const std::string& more = {})
      : JobServer(TempFolder::path()), Place(service(JobServer::url(), delay_ms, recover) + more) {}

  // 12 scenes of 5 shots.
  std::string film(const std::map<int, std::string>& prompts = {}) const {
    std::string text = "[project]\nname = \"film\"\nrecipes = [\"" WEFT_CONFIGS
                       "/recipes/film.toml\"]\n[settings]\nwidth = 64\nheight = 64\n";
    for (int scene = 0; scene < 12; ++scene) {
      text += "[[scenes]]\nid = \"s" + std::to_string(scene + 1) + "\"\nshots = [";
      for (int shot = scene * 5 + 1; shot <= scene * 5 + 5; ++shot) {
        const auto changed = prompts.find(shot);
        text += "\"" +
                (changed == prompts.end() ? "shot " + std::to_string(shot) : changed->second) +
                "\", ";
      }
      text += "]\n";
    }
    return write("film.toml", text);
  }

  json::object planned(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--json", "make"});
    arguments.push_back("-n");
    const Finished done = weft(arguments);
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    return json::parse(done.out).as_object();
  }

  // How often each product was made.
  std::map<std::string, int> made(const std::string& project) const {
    const Finished done = weft({"--json", "product", "list", project});
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    std::map<std::string, int> times;
    const json::value listed = json::parse(done.out);
    for (const json::value& version : listed.at("products").as_array())
      if (version.at("state") == "succeeded") ++times[std::string(version.at("name").as_string())];
    return times;
  }

  std::int64_t succeeded() const {
    std::int64_t count = 0;
    for (const json::object& event : events())
      if (event.at("type") == "task.succeeded") ++count;
    return count;
  }

 private:
  static std::string service(const std::string& url, int delay_ms, const std::string& recover) {
    return "[services.remote]\ncomponent = \"testing\"\nprice = \"0.01\"\nconfig = { url = \"" +
           url + "\", recover = \"" + recover +
           "\", poll_ms = 10, behaviour = { delay_ms = " + std::to_string(delay_ms) +
           ", cost_micros = 10000 } }\n";
  }
};

// What a plan says is to be made.
inline std::set<std::string> to_make(const json::object& plan) {
  std::set<std::string> names;
  for (const json::value& product : plan.at("products").as_array())
    if (product.at("make").as_bool()) names.emplace(product.at("name").as_string());
  return names;
}

}  // namespace weft::testing
