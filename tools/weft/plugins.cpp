// SPDX-License-Identifier: Apache-2.0
// weft plugin, weft config, weft version.
#include <algorithm>
#include <ostream>

#include "commands.hpp"
#include "json_views.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct NoOptions {};

struct CheckOptions {
  std::string file;
};

result<int> list(Context& context, const NoOptions&) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto plugins = (*runtime)->plugins();
  if (!plugins) return plugins.error();
  if (context.options.json) {
    context.print(json::object{{"plugins", to_json(*plugins)}});
    return 0;
  }
  Table table({{"PLUGIN"},
               {"VERSION"},
               {"COMPONENTS", false, true},
               {"FILE", false, true},
               {"PROBLEM", false, true}});
  for (const PluginView& plugin : *plugins)
    table.add({{plugin.id, Tone::strong},
               {plugin.version},
               {joined(plugin.components, " ")},
               {plugin.file.string(), Tone::faint},
               {plugin.problem, Tone::bad}});
  context.out() << (table.empty() ? "no plugins were found\n"
                                  : table.to_string(context.width(), context.color()))
                << std::flush;
  return 0;
}

result<int> check(Context& context, const CheckOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto checks = (*runtime)->check_plugin(options.file);
  if (!checks) return checks.error();
  std::size_t failures = 0;
  for (const CheckView& finding : *checks) failures += finding.passed ? 0 : 1;
  if (context.options.json) {
    context.print(json::object{{"passed", failures == 0}, {"checks", to_json(*checks)}});
  } else {
    for (const CheckView& finding : *checks)
      context.out() << paint(finding.passed ? "ok    " : "FAILED",
                             finding.passed ? Tone::good : Tone::bad, context.color())
                    << " " << finding.name << (finding.message.empty() ? "" : ": ")
                    << one_line(finding.message) << "\n";
    context.out() << std::flush;
  }
  if (failures == 0) return 0;
  return failed(options.file + " failed " + count_of(failures, "check"));
}

// What is wrong although the configuration could be read.
std::vector<std::string> problems_of(const std::vector<PluginView>& plugins,
                                     const std::vector<ServiceView>& services) {
  std::vector<std::string> problems;
  for (const PluginView& plugin : plugins)
    if (!plugin.problem.empty())
      problems.push_back(plugin.file.empty()
                             ? plugin.problem
                             : "plugin " + plugin.file.string() + ": " + plugin.problem);
  for (const ServiceView& service : services)
    if (!service.unavailable.empty())
      problems.push_back("service " + service.name + ": " + service.unavailable);
  return problems;
}

void print_config(Context& context, const Runtime& runtime, std::size_t plugins,
                  std::size_t services, const std::vector<std::string>& problems) {
  if (context.options.json) {
    json::array files;
    for (const auto& file : runtime.config_files()) files.emplace_back(file.string());
    context.print(json::object{{"files", std::move(files)},
                               {"state", runtime.state_folder().string()},
                               {"plugins", plugins},
                               {"services", services},
                               {"problems", json::array(problems.begin(), problems.end())}});
    return;
  }
  std::ostream& out = context.out();
  const auto files = runtime.config_files();
  if (files.empty()) out << "read     nothing: the built-in configuration\n";
  for (const auto& file : files) out << "read     " << file.string() << "\n";
  out << "state    " << runtime.state_folder().string() << "\n"
      << "found    " << count_of(plugins, "plugin") << ", " << count_of(services, "service")
      << "\n";
  for (const std::string& problem : problems)
    out << paint("problem", Tone::bad, context.color()) << "  " << one_line(problem) << "\n";
  out << std::flush;
}

result<int> check_config(Context& context, const NoOptions&) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto plugins = (*runtime)->plugins();
  if (!plugins) return plugins.error();
  const auto services = (*runtime)->services();
  if (!services) return services.error();
  const std::vector<std::string> problems = problems_of(*plugins, *services);
  const auto is_plugin = [](const PluginView& plugin) { return !plugin.id.empty(); };
  const auto found = static_cast<std::size_t>(std::ranges::count_if(*plugins, is_plugin));
  print_config(context, **runtime, found, services->size(), problems);
  if (problems.empty()) return 0;
  return invalid("the configuration can be read, but has " + count_of(problems.size(), "problem"),
                 "the rest works; see the list");
}

result<int> show_version(Context& context, const NoOptions&) {
  if (context.options.json)
    context.print(json::object{{"version", context.version()}});
  else
    context.out() << "weft " << context.version() << std::endl;
  return 0;
}

}  // namespace

void add_plugin_commands(CLI::App& app, Context& context) {
  const auto none = std::make_shared<NoOptions>();
  CLI::App* plugin = app.add_subcommand("plugin", "Look at and check plugin libraries");
  plugin->require_subcommand(1);
  CLI::App& list_command =
      add_command(*plugin, context, "list", "List the plugins that were found", none, list);
  list_command.footer("Example:\n  weft plugin list --plugins ./build/plugins");
  const auto checked = std::make_shared<CheckOptions>();
  CLI::App& check_command =
      add_command(*plugin, context, "check", "Check a plugin library: does it keep the ABI's laws?",
                  checked, check);
  check_command.add_option("FILE", checked->file, "The shared library")->required();
  check_command.footer("Example:\n  weft plugin check ./libweft_echo.so");

  CLI::App* config = app.add_subcommand("config", "Look at the configuration");
  config->require_subcommand(1);
  CLI::App& config_command = add_command(
      *config, context, "check",
      "Read the configuration, load what it names, and report every mistake", none, check_config);
  config_command.footer("Example:\n  weft config check --config configs/weft.toml");

  add_command(app, context, "version", "Print the version", none, show_version);
}

}  // namespace weft::cli
