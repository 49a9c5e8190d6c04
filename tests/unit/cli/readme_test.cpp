// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include "catch.hpp"
#include "fake_runtime.hpp"
#include "scratch_folder.hpp"

using namespace weft;
using namespace weft::cli::test;

namespace {

// The words of a shell command without its comment; single quotes are the only ones used there.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  for (const char c : line + " ") {
    if (c == '#' && !quoted && word.empty()) break;
    if (c == '\'')
      quoted = !quoted;
    else if (c == ' ' && !quoted) {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    } else
      word += c;
  }
  return words;
}

std::vector<std::vector<std::string>> commands_of(const std::string& readme) {
  std::vector<std::vector<std::string>> commands;
  std::ifstream file(readme);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("weft ")) commands.push_back(words_of(line));
  return commands;
}

// Relative names in the commands mean files here while it lives.
class WorkingFolder {
 public:
  explicit WorkingFolder(const std::string& folder) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_;
};

}  // namespace

TEST_CASE("every command in the README is understood and ends well") {
  const ScratchFolder folder;
  for (const char* file : {"film.toml", "restyle.toml", "a.png", "b.png"}) folder.write(file, "");
  const WorkingFolder here(folder.path(""));
  World world;
  world.runs = {a_run("succeeded")};
  world.runs[0].outputs_json =
      R"({"film":{"$artifact":"aa11","media_type":"video/mp4","bytes":9,"name":"film.mp4"}})";
  world.plan.outputs = {"film"};
  world.making.goals = {"film"};
  for (const char* name : {"shot/3/video", "film"}) {
    MadeProductView& product = world.making.products.emplace_back();
    product.name = name;
    product.reason = "up to date";
    product.digest = "aa11";
  }
  world.schedules.emplace_back().name = "nightly";
  PipelineVersionView& version = world.versions.emplace_back();
  version.name = "film";
  version.number = 1;
  std::filesystem::create_directory("pictures");
  const auto commands = commands_of(WEFT_CLI_README);
  REQUIRE(commands.size() > 20);
  for (const std::vector<std::string>& command : commands) {
    world.detail.task = a_task(3, command[1] == "service" ? "try" : "video[3]", "succeeded");
    const Outcome outcome = run_weft(world, {command.begin() + 1, command.end()});
    CAPTURE(command, outcome.err);
    CHECK(outcome.code == 0);
  }
}
