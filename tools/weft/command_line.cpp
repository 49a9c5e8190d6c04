// SPDX-License-Identifier: Apache-2.0
#include "command_line.hpp"

#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "commands.hpp"
#include "help.hpp"

namespace weft::cli {
namespace {

constexpr const char* about =
    R"(weft runs media-generation pipelines through many services: durable, routed, paid for once.)";

constexpr const char* help_footer = R"(Examples:
  weft run film.toml -i seed=7 -o film.mp4    run a pipeline and save its output
  weft plan film.toml                         see what it would do
  weft make night_train.toml film             make what is missing of a film
  weft show                                   the newest run, and why its tasks wait
  weft resume RUN                             carry on after Ctrl-C, a crash or a pause

RUN is an id or the beginning of one; TASK a name such as 'video[3]'.

With --json standard output holds one JSON document, or one per line where it is
a stream (run, resume, retry, events); an error is {"error": {...}} on standard
error.

Exit codes: 0 done; 1 the run failed, or waits for somebody; 2 wrong definition,
configuration or usage; 3 not found; 4 conflict; 5 machine (disk, rights, missing
tool); 6 done, but degraded; 130 interrupted.

Environment: WEFT_CONFIG names the configuration; NO_COLOR turns colours off.)";

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("--config", options.config, "Configuration file; default: looked up")
      ->type_name("FILE");
  app.add_option("--state", options.state, "State folder; default: as the configuration says")
      ->type_name("DIR");
  app.add_option("--plugins", options.plugins, "A folder to look for plugins in; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_flag("--json", options.json, "For scripts: JSON on standard output");
  auto* verbose = app.add_flag("-v,--verbose", options.verbosity,
                               "Show what the runtime logs; twice: everything");
  app.add_flag("-q,--quiet", options.quiet, "Only results and errors")->excludes(verbose);
  app.add_flag("--no-color", options.no_color, "No colours");
}

// Adds commands that stand together in the help.
void add_group(CLI::App& app, Context& context, const std::string& title,
               void (*add)(CLI::App&, Context&)) {
  const std::size_t before = app.get_subcommands({}).size();
  add(app, context);
  const std::vector<CLI::App*> commands = app.get_subcommands({});
  for (std::size_t i = before; i < commands.size(); ++i) commands[i]->group(title);
}

// The command whose arguments were being read: the innermost one.
const CLI::App* innermost(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return command;
}

std::string full_name(const CLI::App* command) {
  std::string name = command->get_name();
  while ((command = command->get_parent()) != nullptr) name = command->get_name() + " " + name;
  return name;
}

std::vector<std::string> option_names(const CLI::App& root, const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* app : {&root, &command})
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> command_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* child : command.get_subcommands({})) names.push_back(child->get_name());
  return names;
}

// What the parser did not like, with the word that was probably meant.
Error usage_error(const CLI::App& app, const CLI::ParseError& problem) {
  const CLI::App* command = innermost(app);
  const std::string help = "see: " + full_name(command) + " --help";
  const std::vector<std::string> strangers = app.remaining(true);
  const std::vector<std::string> commands = command_names(*command);
  if (strangers.empty() || strangers.front() == "--") return invalid(problem.what(), help);
  const std::string word = strangers.front().substr(0, strangers.front().find('='));
  const bool option = word.starts_with('-');
  if (!option && commands.empty()) return invalid("unexpected argument '" + word + "'", help);
  const std::string meant = nearest(word, option ? option_names(app, *command) : commands);
  return invalid((option ? "unknown option '" : "unknown command '") + word + "'",
                 meant.empty() ? help : "did you mean '" + meant + "'? or " + help);
}

// Reads the arguments; answers the exit code when there is nothing more to do.
std::optional<int> parse(CLI::App& app, Context& context, const Surroundings& surroundings,
                         std::vector<std::string> arguments) {
  // An error in the arguments themselves must know of --json before they have been read.
  context.options.json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app.parse(std::move(arguments));
    return {};
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0)  // --help, --version
      return app.exit(problem, surroundings.out, surroundings.err);
    const Error error = usage_error(app, problem);
    context.complain(error);
    return exit_code(error);
  }
}

int act(const Surroundings& surroundings, std::vector<std::string> arguments) {
  Context context(surroundings);
  CLI::App app(about, "weft");
  app.require_subcommand(1);
  app.fallthrough();  // global options may stand behind the command
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "weft " + surroundings.version);
  add_global_options(app, context.options);
  add_group(app, context, "Run", add_run_commands);
  add_group(app, context, "Run", add_make_commands);
  add_group(app, context, "Run", add_product_commands);
  add_group(app, context, "Run", add_fork_command);
  add_group(app, context, "Run", add_pipeline_commands);
  add_group(app, context, "Run", add_schedule_commands);
  add_group(app, context, "Look", add_look_commands);
  add_group(app, context, "Look", add_service_commands);
  add_group(app, context, "Look", add_why_command);
  add_group(app, context, "Look", add_event_commands);
  add_group(app, context, "Intervene", add_control_commands);
  add_group(app, context, "Intervene", add_answer_commands);
  add_group(app, context, "Results and disk", add_artifact_commands);
  add_group(app, context, "Results and disk", add_cache_commands);
  add_group(app, context, "Installation", add_secret_commands);
  add_group(app, context, "Installation", add_try_commands);
  add_group(app, context, "Installation", add_plugin_commands);
  app.footer(help_footer);
  if (arguments.empty()) {
    surroundings.err << app.help() << std::flush;
    return exit_code(invalid("no command"));
  }
  if (const auto code = parse(app, context, surroundings, std::move(arguments))) return *code;
  const result<int> done = context.action();
  if (done) return *done;
  context.complain(done.error());
  return exit_code(done.error());
}

}  // namespace

int run_command_line(const Surroundings& surroundings, std::vector<std::string> arguments) {
  // The libraries below throw when memory or a file fails them.
  try {
    return act(surroundings, std::move(arguments));
  } catch (const std::exception& problem) {
    surroundings.err << "error: " << problem.what() << "\n    this is a defect of weft\n"
                     << std::flush;
    return exit_code(internal(problem.what()));
  }
}

}  // namespace weft::cli
