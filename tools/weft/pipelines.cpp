// SPDX-License-Identifier: Apache-2.0
// weft pipeline: definitions under their names, in numbered versions.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>

#include "base/text.hpp"
#include "commands.hpp"
#include "definitions.hpp"
#include "json_views.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct PipelineOptions {
  std::string what;   // FILE, NAME, NAME@N
  std::string other;  // of a diff
  std::string message;
  std::string author;
  std::string template_name;
  std::vector<std::string> params;
  std::string output;
};

std::string author_of(const PipelineOptions& options) {
  if (!options.author.empty()) return options.author;
  const char* user = std::getenv("USER");
  return user ? user : "";
}

json::object version_json(const PipelineVersionView& version) {
  return {{"name", version.name},           {"number", version.number},
          {"author", version.author},       {"message", version.message},
          {"hash", version.hash},           {"saved_at", weft::to_string(version.saved_at)},
          {"file", version.definition.file}};
}

std::string label_of(const PipelineVersionView& version) {
  return version.name + "@" + std::to_string(version.number);
}

result<int> list(Context& context, const PipelineOptions& options) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto versions = (*runtime)->pipelines(options.what);
  if (!versions) return versions.error();
  json::array all;
  Table table({{"VERSION"}, {"SAVED"}, {"AUTHOR"}, {"MESSAGE", false, true}, {"MEANING"}});
  const std::string* last = nullptr;
  for (const PipelineVersionView& version : *versions) {
    const bool newest = !last || *last != version.name;
    last = &version.name;
    all.push_back(version_json(version));
    table.add({{label_of(version), newest ? Tone::strong : Tone::plain},
               {date_time(version.saved_at)},
               {version.author},
               {one_line(version.message)},
               {short_digest(version.hash), Tone::faint}});
  }
  if (context.options.json)
    context.print(json::object{{"pipelines", std::move(all)}});
  else
    context.out() << (table.empty() ? "no pipeline is saved\n"
                                    : table.to_string(context.width(), context.color()))
                  << std::flush;
  return 0;
}

result<int> show(Context& context, const PipelineOptions& options) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto version = (*runtime)->pipeline(options.what);
  if (!version) return version.error();
  if (context.options.json) {
    json::object one = version_json(*version);
    one["source"] = version->definition.text;
    context.print(one);
  } else {
    context.out() << version->definition.text << std::flush;
  }
  return 0;
}

int tell_saved(Context& context, const PipelineVersionView& version) {
  if (context.options.json) {
    json::object one = version_json(version);
    one["is_new"] = version.is_new;
    context.print(one);
  } else if (!context.options.quiet) {
    context.out() << label_of(version)
                  << (version.is_new ? "\n" : " means the same already; nothing new is saved\n")
                  << std::flush;
  }
  return 0;
}

result<int> rollback(Context& context, const PipelineOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  const auto saved =
      (*runtime)->roll_back_pipeline(options.what, options.message, author_of(options));
  if (!saved) return saved.error();
  return tell_saved(context, *saved);
}

result<int> save(Context& context, const PipelineOptions& options) {
  if (names_version(options.what)) return rollback(context, options);
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  auto definition = find_definition(**runtime, options.what);
  if (!definition) return definition.error();
  const auto saved =
      (*runtime)->save_pipeline({std::move(*definition), options.message, author_of(options)});
  if (!saved) return saved.error();
  return tell_saved(context, *saved);
}

// "tasks.video.params.seconds: 3 → 5".
std::string change_text(const PipelineChangeView& change, bool color) {
  const auto value = [](const std::string& text) { return readable(parsed(text)); };
  if (change.kind == "renamed")
    return paint("~ ", Tone::careful, color) + change.path + " was " + value(change.before_json);
  if (change.kind == "added")
    return paint("+ ", Tone::good, color) + change.path + ": " + value(change.after_json);
  if (change.kind == "removed")
    return paint("- ", Tone::bad, color) + change.path + ": " + value(change.before_json);
  return paint("~ ", Tone::careful, color) + change.path + ": " + value(change.before_json) +
         " → " + value(change.after_json);
}

result<int> diff(Context& context, const PipelineOptions& options) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto before = find_definition(**runtime, options.what);
  if (!before) return before.error();
  const auto after = find_definition(**runtime, options.other);
  if (!after) return after.error();
  const auto changes = (*runtime)->compare_pipelines(*before, *after);
  if (!changes) return changes.error();
  json::array all;
  for (const PipelineChangeView& change : *changes) {
    all.push_back(json::object{{"kind", change.kind},
                               {"path", change.path},
                               {"before", parsed(change.before_json)},
                               {"after", parsed(change.after_json)}});
    if (!context.options.json) context.out() << change_text(change, context.color()) << "\n";
  }
  if (context.options.json)
    context.print(json::object{{"changes", std::move(all)}});
  else if (changes->empty())
    context.out() << "they mean the same\n";
  context.out() << std::flush;
  return 0;
}

// ---------------------------------------------------------------- templates

result<int> templates(Context& context, const PipelineOptions& options) {
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  auto all = (*runtime)->templates();
  if (!all) return all.error();
  if (!options.what.empty()) {
    std::vector<std::string> names;
    for (const TemplateView& one : *all) names.push_back(one.name);
    std::erase_if(*all, [&](const TemplateView& one) { return one.name != options.what; });
    if (all->empty())
      return not_found("there is no template '" + excerpt(options.what, 100) + "'",
                       suggest(options.what, names));
  }
  json::array listed;
  for (const TemplateView& one : *all) {
    json::array params;
    if (!context.options.json)
      context.out() << paint(one.name, Tone::strong, context.color()) << "  " << one.description
                    << "\n";
    Table table({{"PARAM"}, {"TYPE"}, {"DEFAULT", false, true}, {"", false, true}});
    for (const TemplateParamView& param : one.params) {
      params.push_back(json::object{{"name", param.name},
                                    {"type", param.type},
                                    {"description", param.description},
                                    {"default", parsed(param.default_json)},
                                    {"required", param.default_json.empty()}});
      table.add({{param.name},
                 {param.type, Tone::faint},
                 {param.default_json.empty() ? "must be given" : param.default_json},
                 {param.description, Tone::faint}});
    }
    listed.push_back(json::object{
        {"name", one.name}, {"description", one.description}, {"params", std::move(params)}});
    if (!context.options.json)
      context.out() << table.to_string(context.width(), context.color(), 2) << "\n";
  }
  if (context.options.json) context.print(json::object{{"templates", std::move(listed)}});
  context.out() << std::flush;
  return 0;
}

result<int> create(Context& context, const PipelineOptions& options) {
  std::map<std::string, std::string> params;
  for (const std::string& written : options.params) {
    const std::size_t equals = written.find('=');
    if (equals == std::string::npos)
      return invalid("-p " + written + " gives no value", "write -p NAME=VALUE");
    params[written.substr(0, equals)] = written.substr(equals + 1);
  }
  auto runtime = context.open_to_examine();
  if (!runtime) return runtime.error();
  const auto definition = (*runtime)->fill_template(options.template_name, params);
  if (!definition) return definition.error();
  if (options.output.empty()) {
    context.out() << definition->text << std::flush;
    return 0;
  }
  std::error_code problem;
  if (std::filesystem::exists(options.output, problem))
    return conflict("'" + options.output + "' is there already", "name another file, or remove it");
  std::ofstream file(options.output, std::ios::binary);
  file << definition->text << std::flush;
  if (!file) return machine("'" + options.output + "' cannot be written", "make its folder first");
  if (!context.options.quiet)
    context.screen().print("see what it would do: weft plan " + shell_word(options.output));
  return 0;
}

void add_words(CLI::App& command, PipelineOptions& options) {
  command.add_option("-m,--message", options.message, "What this version is for")
      ->type_name("TEXT");
  command.add_option("--author", options.author, "Who made it; default: $USER")->type_name("NAME");
}

}  // namespace

void add_pipeline_commands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("pipeline", "Keep definitions under their names");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* about,
                       result<int> (*act)(Context&, const PipelineOptions&)) {
    const auto options = std::make_shared<PipelineOptions>();
    return std::pair(&add_command(*group, context, name, about, options, act), options);
  };
  const auto [list_command, list_options] = add("list", "List what is kept, by version", list);
  list_command->add_option("NAME", list_options->what, "Only this pipeline");
  const auto [show_command, show_options] = add("show", "Print a version as it was written", show);
  show_command->add_option("NAME[@N]", show_options->what, "Default: the newest version")
      ->required();
  const auto [save_command, save_options] =
      add("save", "Make a definition the newest version of its name", save);
  save_command->add_option("FILE", save_options->what, "The definition")->required();
  add_words(*save_command, *save_options);
  save_command->footer(
      R"(A definition that means the same as the newest version makes no new one. Runs keep
the definition that they began with.

Examples:
  weft pipeline save film.toml -m "longer shots"
  weft run film -i seed=7
  weft run film@2 -i seed=7)");
  const auto [new_command, new_options] = add("new", "Begin a definition from a template", create);
  new_command->add_option("--template", new_options->template_name, "Its name, or a file")
      ->type_name("NAME")
      ->required();
  new_command
      ->add_option("-p,--param", new_options->params,
                   "What the template asks for: a text as it stands, anything else in JSON")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  new_command->add_option("-o,--output", new_options->output, "Where to; default: standard output")
      ->type_name("FILE");
  new_command->footer(R"(Examples:
  weft pipeline new --template text_to_image_with_fallback -p name=poster -o poster.toml
  weft pipeline new --template storyboard_to_film -p 'shots=["a pier", "the sea"]' -o sea.toml)");
  const auto [templates_command, templates_options] =
      add("templates", "List the templates, and what each asks for", templates);
  templates_command->add_option("NAME", templates_options->what, "Only this one");
  const auto [diff_command, diff_options] =
      add("diff", "Show what is different in what two definitions mean", diff);
  diff_command->add_option("BEFORE", diff_options->what, "FILE, NAME or NAME@N")->required();
  diff_command->add_option("AFTER", diff_options->other, "FILE, NAME or NAME@N")->required();
  diff_command->footer(R"(Examples:
  weft pipeline diff film@3 film@5
  weft pipeline diff film film.toml)");
  const auto [rollback_command, rollback_options] =
      add("rollback", "Make what a version means the newest one", rollback);
  rollback_command->add_option("NAME@N", rollback_options->what, "The version")->required();
  add_words(*rollback_command, *rollback_options);
}

}  // namespace weft::cli
