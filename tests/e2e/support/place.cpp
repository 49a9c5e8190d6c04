// SPDX-License-Identifier: Apache-2.0
#include "place.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include "base/digest.hpp"

namespace weft::testing {
namespace {

std::string said(const Finished& finished) {
  if (finished.exit_code != 0) throw std::runtime_error(finished.out + finished.err);
  return finished.out;
}

}  // namespace

Place::Place(std::string_view services) {
  write("weft.toml",
        "[state]\npath = \"state\"\n[classes]\ncpu = 2\nio = 16\n" + std::string(services));
}

std::string Place::write(const std::string& name, std::string_view text) const {
  const auto file = folder() / name;
  std::ofstream(file, std::ios::binary) << text;
  return file.string();
}

std::vector<std::string> Place::command(const std::vector<std::string>& arguments) const {
  return command(arguments, config().string());
}

std::vector<std::string> Place::command(const std::vector<std::string>& arguments,
                                        const std::string& other_config) const {
  std::vector<std::string> command{WEFT_PROGRAM, "--config", other_config, "--state",
                                   state().string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

Program Place::start(const std::vector<std::string>& arguments) const {
  return {command(arguments), folder()};
}

Finished Place::weft(const std::vector<std::string>& arguments) const {
  return start(arguments).finish();
}

std::vector<json::object> Place::events(const std::string& run) const {
  std::istringstream lines(said(weft({"--json", "events", run.empty() ? "--all" : run})));
  std::vector<json::object> events;
  for (std::string line; std::getline(lines, line);)
    events.push_back(json::parse(line).as_object());
  return events;
}

json::array Place::runs() const {
  return json::parse(said(weft({"--json", "runs"}))).at("runs").as_array();
}

json::object Place::run(const std::string& id) const {
  return json::parse(said(weft({"--json", "show", id}))).at("run").as_object();
}

std::string Place::newest_run() const {
  return json::value_to<std::string>(runs().at(0).at("id"));
}

bool has(const json::object& object, std::string_view member, std::string_view text) {
  const json::value* value = object.if_contains(member);
  return value && value->is_string() && value->get_string() == text;
}

int count_events(const std::vector<json::object>& events, std::string_view type,
                 std::string_view task) {
  return static_cast<int>(std::ranges::count_if(events, [&](const json::object& event) {
    return has(event, "type", type) && (task.empty() || has(event, "task", task));
  }));
}

std::vector<std::string> tasks_done_again(const std::vector<json::object>& events) {
  std::set<std::string> done;
  std::vector<std::string> again;
  for (const json::object& event : events) {
    if (!event.at("task").is_string()) continue;
    const std::string task =
        json::value_to<std::string>(event.at("run")) + " " + event.at("task").as_string().c_str();
    const bool ends = has(event, "type", "task.succeeded");
    const bool begins = has(event, "type", "task.started") || has(event, "type", "task.reattached");
    if ((ends || begins) && done.contains(task)) again.push_back(task);
    if (ends) done.insert(task);
  }
  return again;
}

Film probe(const std::filesystem::path& file, const std::filesystem::path& folder) {
  const json::value answer = json::parse(
      said(run_program({"ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0",
                        "-show_streams", "-show_format", "-of", "json", file.string()},
                       folder)));
  const json::object& stream = answer.at("streams").at(0).as_object();
  const auto text = [&](const char* member) {
    return json::value_to<std::string>(stream.at(member));
  };
  Film film;
  film.codec = text("codec_name");
  film.pixel_format = text("pix_fmt");
  film.frame_rate = text("r_frame_rate");
  film.width = stream.at("width").as_int64();
  film.height = stream.at("height").as_int64();
  film.frames = std::stoll(text("nb_read_frames"));
  if (const json::value* duration = answer.at("format").as_object().if_contains("duration"))
    film.duration_seconds = std::stod(json::value_to<std::string>(*duration));
  return film;
}

std::string sha256_of(const std::filesystem::path& file) {
  std::ostringstream bytes;
  bytes << std::ifstream(file, std::ios::binary).rdbuf();
  return digest_of(bytes.str()).to_string();
}

}  // namespace weft::testing
