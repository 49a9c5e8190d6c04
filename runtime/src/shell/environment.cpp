// SPDX-License-Identifier: Apache-2.0
#include "shell/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace weft::shell {
namespace {

// The folder `plugins` of the build tree that a program was built in; "" for any other program.
std::filesystem::path built_plugins(const std::filesystem::path& program) {
  std::error_code failed;
  for (auto folder = program.parent_path(); folder.has_relative_path();
       folder = folder.parent_path())
    if (std::filesystem::exists(folder / "CMakeCache.txt", failed)) return folder / "plugins";
  return {};
}

// The plugins of this installation: of the build tree, under the prefix that the program stands in
// (which may have been moved), or where weft was configured to go (a program that embeds it).
std::vector<std::filesystem::path> installed_plugins() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  std::vector<std::filesystem::path> candidates{WEFT_INSTALLED_PLUGINS};
  if (!failed)
    candidates = {built_plugins(program), program.parent_path() / WEFT_PLUGINS_FROM_PROGRAM,
                  WEFT_INSTALLED_PLUGINS};
  std::vector<std::filesystem::path> folders;
  for (const auto& candidate : candidates) {
    const auto folder = std::filesystem::canonical(candidate, failed);
    if (!failed && std::find(folders.begin(), folders.end(), folder) == folders.end())
      folders.push_back(folder);
  }
  return folders;
}

ConfigLookup lookup_here() {
  ConfigLookup lookup;
  std::error_code failed;
  lookup.working_folder = std::filesystem::current_path(failed);
  lookup.environment = [](const char* name) { return environment_variable(name); };
  return lookup;
}

}  // namespace

std::string environment_variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here sets one
  return value ? value : "";
}

std::string join_lines(const std::string& text) {
  std::string line;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\n') {
      line += text[at];
      continue;
    }
    line += "; ";
    at = std::min(text.find_first_not_of(" \n", at), text.size()) - 1;
  }
  return line;
}

std::string on_one_line(const Error& error) {
  return join_lines(error.to_string());
}
std::string on_one_line(const Diagnostic& diagnostic) {
  return join_lines(diagnostic.to_string());
}

Timestamp now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

result<Configuration> read_services(const std::filesystem::path& file) {
  return read_config(file, lookup_here());
}

result<Configuration> read_configuration(const RuntimeOptions& options) {
  ConfigLookup lookup = lookup_here();
  if (!options.config.empty()) lookup.explicit_file = options.config;
  const auto file = find_config(lookup);
  auto config = file ? read_config(*file, lookup) : default_config(lookup);
  if (!config || options.services.empty()) return config;
  auto tried = read_services(options.services);
  if (!tried) return tried;
  config->services = std::move(tried->services);
  config->operations = std::move(tried->operations);
  config->schedules.clear();  // somebody tries these services, and nothing else
  config->files.push_back(options.services);
  return config;
}

result<std::shared_ptr<const Environment>> read_environment(RuntimeOptions options) {
  auto environment = std::make_shared<Environment>();
  auto config = read_configuration(options);
  if (!config) return std::move(config).error();
  environment->config = std::move(*config);
  std::error_code failed;
  const auto& state = options.state.empty() ? environment->config.state : options.state;
  environment->state = std::filesystem::absolute(state, failed);
  if (failed)
    return invalid("'" + state.string() + "' is not a usable state folder: " + failed.message());
  environment->secrets = environment->state;
  if (!options.services.empty()) environment->state /= "tries";

  const auto add = [&](const std::vector<std::filesystem::path>& folders) {
    for (const std::filesystem::path& folder : folders) {
      const auto known = [&](const std::filesystem::path& other) {
        std::error_code missing;
        return std::filesystem::equivalent(folder, other, missing);
      };
      if (std::none_of(environment->plugins.begin(), environment->plugins.end(), known))
        environment->plugins.push_back(folder);
    }
  };
  add(options.plugins);
  add(environment->config.plugins);
  add(installed_plugins());

  environment->redactor = std::make_unique<observe::Redactor>();
  environment->metrics = std::make_unique<observe::Metrics>();
  environment->previews = std::make_unique<PreviewBoard>();
  if (const auto sink = options.log)
    environment->log = std::make_unique<observe::Logger>(observe::Logger::to_sink(
        [sink](observe::Level level, std::string_view line) {
          sink(observe::to_string(level), line);
        },
        *environment->redactor, observe::Level::info));
  else
    environment->log = std::make_unique<observe::Logger>(
        observe::Logger::to_stderr(*environment->redactor, observe::Level::warn));
  environment->options = std::move(options);
  return std::shared_ptr<const Environment>(std::move(environment));
}

result<std::string> read_text_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file))
    return not_found("'" + file.string() + "' cannot be read");
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace weft::shell
