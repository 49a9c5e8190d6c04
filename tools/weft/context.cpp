// SPDX-License-Identifier: Apache-2.0
#include "context.hpp"

#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <ostream>

#include "error_text.hpp"
#include "json_views.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

// The view goes where a person looks: `weft run film.toml 2> log` still shows it.
bool screen_is_stdout(const Surroundings& surroundings) {
  return surroundings.err_terminal < 0 && surroundings.out_terminal >= 0;
}

}  // namespace

Context::Context(const Surroundings& surroundings)
    : surroundings_(surroundings),
      screen_(
          screen_is_stdout(surroundings) ? surroundings.out : surroundings.err,
          screen_is_stdout(surroundings) ? surroundings.out_terminal : surroundings.err_terminal) {}

result<std::unique_ptr<Runtime>> Context::open(Role role) {
  return open(role, {});
}

result<std::unique_ptr<Runtime>> Context::open(Role role, const std::filesystem::path& services) {
  RuntimeOptions wanted;
  wanted.services = services;
  wanted.config = options.config;
  wanted.state = options.state;
  wanted.plugins = options.plugins;
  wanted.role = role;
  wanted.log = [this](std::string_view level, std::string_view line) { log(level, line); };
  return surroundings_.open(std::move(wanted));
}

result<std::unique_ptr<Runtime>> Context::open_to_examine() {
  warns_ = options.verbosity > 0;
  return open(Role::client);
}

result<std::unique_ptr<Runtime>> Context::open_to_try(const std::filesystem::path& services) {
  return open(Role::execute, services);
}

void Context::log(std::string_view level, std::string_view line) {
  const bool error = level == "error";
  const bool warning = level == "warn";
  const bool wanted = error || (warning && warns_ && !options.quiet) ||
                      (level == "info" && options.verbosity >= 1) || options.verbosity >= 2;
  if (!wanted) return;
  const Tone tone = error ? Tone::bad : warning ? Tone::careful : Tone::faint;
  screen_.print(paint(std::string(level) + ":", tone, screen_color()) + " " + std::string(line));
}

bool Context::color_on(int terminal) const {
  const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org
  return terminal >= 0 && !options.no_color && !(no_color && *no_color);
}

bool Context::color() const {
  return color_on(surroundings_.out_terminal);
}

bool Context::screen_color() const {
  return color_on(screen_is_stdout(surroundings_) ? surroundings_.out_terminal
                                                  : surroundings_.err_terminal);
}

int Context::width() const {
  const int terminal = surroundings_.out_terminal;
  return terminal < 0 ? 0 : terminal_size(terminal).columns;
}

void Context::print(const json::value& value) {
  out() << json::serialize(value) << std::endl;
}

void Context::complain(const Error& error) {
  if (options.json)
    surroundings_.err << json::serialize(to_json(error)) << std::endl;
  else
    surroundings_.err << error_text(error, color_on(surroundings_.err_terminal)) << std::flush;
}

}  // namespace weft::cli
