// SPDX-License-Identifier: Apache-2.0
// The commands, by group. Each function adds its commands to the parser; the one that is chosen
// becomes `context.action`.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "context.hpp"

namespace weft::cli {

void add_run_commands(CLI::App& app, Context& context);       // run, plan
void add_make_commands(CLI::App& app, Context& context);      // make
void add_product_commands(CLI::App& app, Context& context);   // product
void add_fork_command(CLI::App& app, Context& context);       // fork
void add_pipeline_commands(CLI::App& app, Context& context);  // pipeline
void add_control_commands(CLI::App& app, Context& context);   // pause … settle
void add_answer_commands(CLI::App& app, Context& context);    // approve, reject, give
void add_look_commands(CLI::App& app, Context& context);      // runs, show
void add_schedule_commands(CLI::App& app, Context& context);  // schedule, serve
void add_service_commands(CLI::App& app, Context& context);   // services
void add_try_commands(CLI::App& app, Context& context);       // service
void add_why_command(CLI::App& app, Context& context);        // why
void add_event_commands(CLI::App& app, Context& context);     // events
void add_artifact_commands(CLI::App& app, Context& context);  // artifact, gc
void add_cache_commands(CLI::App& app, Context& context);     // cache
void add_secret_commands(CLI::App& app, Context& context);    // secret
void add_plugin_commands(CLI::App& app, Context& context);    // plugin, config, version

// Adds one command. `act` gets `options` after the whole command line has been read into them.
template <class Options>
CLI::App& add_command(CLI::App& app, Context& context, const std::string& name,
                      const std::string& about, const std::shared_ptr<Options>& options,
                      result<int> (*act)(Context&, const Options&)) {
  CLI::App* command = app.add_subcommand(name, about);
  command->group("Commands");
  command->callback([&context, options, act] {
    context.action = [&context, options, act] { return act(context, *options); };
  });
  return *command;
}

// Does something to a run, and says what was done and how the run goes on.
using Control = std::function<result<std::string>(Runtime&)>;
result<int> control(Context& context, const std::string& run, const Control& act);

// The run that is meant: `given`, or the newest one when that is "".
result<std::string> run_or_newest(Runtime& runtime, const std::string& given);

// One page about a task: its decision, its attempts, its outputs.
result<int> show_task(Context& context, Runtime& runtime, const std::string& run,
                      const std::string& task);

}  // namespace weft::cli
