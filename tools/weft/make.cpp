// SPDX-License-Identifier: Apache-2.0
// weft make: asking for a result of a project and getting what is missing of it.
#include <algorithm>
#include <iterator>
#include <ostream>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "base/text.hpp"
#include "commands.hpp"
#include "error_text.hpp"
#include "follow.hpp"
#include "json_views.hpp"
#include "projection_text.hpp"
#include "report.hpp"
#include "table.hpp"

namespace weft::cli {
namespace {

struct MakeCommand {
  Making making;
  std::string project;
  std::vector<std::string> touch;
  std::string explain;
  std::vector<std::string> outputs;
  bool dry_run = false;
  Projected asked;
};

// The products by their names.
class ProductsByName {
 public:
  explicit ProductsByName(const MakingView& view) {
    for (const MadeProductView& one : view.products) products_.emplace(one.name, &one);
  }
  const MadeProductView* find(const std::string& name) const {
    const auto found = products_.find(name);
    return found == products_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<std::string_view, const MadeProductView*> products_;
};

// "12 products to make, 3 taken; 1.20 USD, and 2 of unknown price".
std::string summary_of(const MakingView& view) {
  const std::size_t taken = view.products.size() - view.to_make;
  std::string text = view.project + ": " + count_of(view.to_make, "product") + " to make";
  if (taken > 0) text += ", " + std::to_string(taken) + " taken as they are";
  if (!view.cost.empty()) text += "; " + view.cost;
  if (view.unknown_costs > 0)
    text += (view.cost.empty() ? "; " : ", and ") + std::to_string(view.unknown_costs) +
            " of unknown price";
  return text;
}

void print_making(Context& context, const MakingView& view, const Projected& asked) {
  std::vector<Column> columns{
      {"PRODUCT"}, {"WHY"}, {"OPERATION", false, true}, {"SERVICES", false, true}};
  std::ranges::copy(projection_columns(asked), std::back_inserter(columns));
  Table table(std::move(columns));
  Unforeseen unforeseen;
  for (const MadeProductView& one : view.products) {
    const Tone tone = one.make ? Tone::strong : Tone::faint;
    if (one.make) unforeseen.add(one.name, one.estimate, one.forecast);
    std::vector<Cell> row{{one.name, tone},
                          {one.reason, tone},
                          {one.make ? one.operation : "", tone},
                          {joined(one.services, " → "), tone}};
    for (Cell& cell : projection_cells(asked, one.estimate, one.forecast, one.make)) {
      if (one.make && cell.text.empty()) cell.text = "?";
      row.push_back(std::move(cell));
    }
    table.add(std::move(row));
  }
  context.out() << summary_of(view) << "\n" << table.to_string(context.width(), context.color());
  if (view.to_make > 0)
    context.out() << projection_text(asked, view.projection, unforeseen, "product");
  if (view.to_make > 0 && !view.run.empty())
    context.out() << "run " << view.run
                  << (view.carries_on ? " makes that, and would be carried on\n"
                                      : " has not ended; what it has under way would end first\n");
  if (!view.limit.empty())
    context.out() << "limit " << view.limit << ": what is left to it; --max-cost says another\n";
  context.out() << std::flush;
}

// The product, what it is made of, and what that is made of, as far as it explains anything: each
// once.
void explain(Context& context, const ProductsByName& products, const std::string& name, int depth,
             std::set<std::string_view>& told) {
  const MadeProductView* one = products.find(name);
  if (!one || !told.insert(one->name).second) return;
  context.out() << std::string(static_cast<std::size_t>(depth) * 2, ' ')
                << paint(one->name, Tone::strong, context.color()) << " "
                << (one->make ? "is made: " : "is taken: ") << one->reason
                << (one->digest.empty() ? "" : ", " + short_digest(one->digest)) << "\n";
  if (one->make)
    for (const std::string& input : one->made_of)
      explain(context, products, input, depth + 1, told);
}

result<int> explain(Context& context, Runtime& runtime, const MakeCommand& command) {
  Making making = command.making;
  if (making.goals.empty()) making.goals = {command.explain};
  const auto view = runtime.plan_making(making);
  if (!view) return view.error();
  const ProductsByName products(*view);
  const MadeProductView* asked = products.find(command.explain);
  if (!asked) return not_found("'" + command.explain + "' is not needed for what is asked for");
  std::set<std::string_view> told;
  if (context.options.json)
    context.print(to_json(*asked));
  else
    explain(context, products, command.explain, 0, told);
  context.out() << std::flush;
  return 0;
}

// ---------------------------------------------------------------- saving

struct Target {
  std::string product;
  std::filesystem::path file;
};

result<std::vector<Target>> targets_of(const std::vector<std::string>& written,
                                       const MakingView& view) {
  std::vector<Target> targets;
  for (const std::string& text : written) {
    const std::size_t equals = text.find('=');
    Target target{text.substr(0, equals), text.substr(equals + 1)};
    const bool named = equals != std::string::npos &&
                       std::ranges::find(view.goals, target.product) != view.goals.end();
    if (!named) {
      if (view.goals.size() != 1)
        return invalid("-o " + text + " names none of the " + std::to_string(view.goals.size()) +
                           " products that are asked for",
                       "write -o PRODUCT=FILE: " + suggest(target.product, view.goals));
      target = {view.goals.front(), text};
    }
    std::error_code problem;
    const auto folder = target.file.has_parent_path() ? target.file.parent_path() : ".";
    if (!std::filesystem::is_directory(folder, problem))
      return not_found("no folder '" + folder.string() + "' to save '" + text + "' in",
                       "make the folder first");
    targets.push_back(std::move(target));
  }
  return targets;
}

// What is there now of the goals, and where it was saved.
result<int> tell_goals(Context& context, Runtime& runtime, const MakeCommand& command,
                       const std::vector<Target>& targets) {
  Making making = command.making;
  making.force.clear();
  const auto view = runtime.plan_making(making);
  if (!view) return view.error();
  json::object there;
  std::vector<std::string> missing;
  const ProductsByName products(*view);
  for (const std::string& goal : view->goals) {
    const MadeProductView* one = products.find(goal);
    if (!one || one->digest.empty()) {
      missing.push_back(goal + (one ? ": " + one->reason : ""));
      continue;
    }
    for (const Target& target : targets)
      if (target.product == goal)
        if (auto copied = runtime.artifact(one->digest, target.file); !copied)
          return copied.error();
    const auto path = runtime.artifact(one->digest);
    there[goal] = one->digest;
    if (context.options.json) continue;
    context.out() << goal << "  " << short_digest(one->digest) << "\n";
    if (path) context.out() << "    " << path->string() << "\n";
    for (const Target& target : targets)
      if (target.product == goal) context.out() << "    saved to " << target.file.string() << "\n";
  }
  if (context.options.json)
    context.print(json::object{{"type", "made"}, {"products", std::move(there)}});
  context.out() << std::flush;
  if (missing.empty()) return 0;
  return conflict("the project has changed meanwhile: " + joined(missing, "; "),
                  "ask again: what is as it should be is not made twice");
}

// ---------------------------------------------------------------- making

result<int> tell_end(Context& context, Runtime& runtime, const MakeCommand& command,
                     const std::vector<Target>& targets, const RunView& end) {
  const int code = exit_code_of(end);
  const bool made_all = code == 0 || code == 6;
  if (!made_all || context.options.json) {
    const auto told = report_end(context, runtime, end, {});
    if (!told || !made_all) return told;
  } else if (!context.options.quiet) {
    context.out() << "run " << end.id << " " << outcome_sentence(end) << "\n";
  }
  if (auto told = tell_goals(context, runtime, command, targets); !told) return told.error();
  return code;
}

void tell_replaced(Context& context, const RunView& run) {
  if (context.options.json)
    context.print(json::object{{"type", "replaced"}, {"run", run.id}, {"by", run.replaced_by}});
  else if (!context.options.quiet)
    context.screen().print("run " + run.id + " gives way to run " + run.replaced_by +
                           ": another 'weft make' asks for more; this one goes on with it");
}

void tell_limit(Context& context, const MakingView& view) {
  if (view.limit.empty() || context.options.quiet || context.options.json) return;
  context.screen().print("limit " + view.limit +
                         ": what was left to the run that gives way; --max-cost AMOUNT says "
                         "another");
}

result<int> make_and_follow(Context& context, Runtime& runtime, SignalWatcher& signals,
                            const MakeCommand& command, const std::vector<Target>& targets) {
  const auto made = runtime.make(command.making);
  if (!made) return interrupted_or(signals, made.error());
  if (made->run.empty()) {
    if (!context.options.quiet && !context.options.json)
      context.screen().print("nothing to do: all that is asked for is there");
    return tell_goals(context, runtime, command, targets);
  }
  tell_limit(context, *made);
  return follow_to_end(context, runtime, signals, {made->run}, [&](const RunView& end) {
    if (end.replaced_by.empty()) return tell_end(context, runtime, command, targets, end);
    tell_replaced(context, end);
    MakeCommand again = command;  // the run that goes on makes the same, and may have made it
    again.making.instead_of = end.id;
    return make_and_follow(context, runtime, signals, again, targets);
  });
}

result<int> make(Context& context, const MakeCommand& command) {
  SignalWatcher signals;
  const bool only_looks = command.dry_run || !command.explain.empty();
  auto runtime = context.open(only_looks ? Role::client : Role::on_demand);
  if (!runtime) return runtime.error();
  const Interruptible interruptible(context, **runtime, signals);
  for (const std::string& product : command.touch) {
    auto touched = (*runtime)->say_of_product(command.making.project, product, ProductWord::touch);
    if (!touched) return touched.error();
    if (!context.options.quiet && !context.options.json) context.screen().print(*touched);
  }
  if (!command.explain.empty()) return explain(context, **runtime, command);
  const auto plan = (*runtime)->plan_making(command.making);
  if (!plan) return interrupted_or(signals, plan.error());
  const auto targets = targets_of(command.outputs, *plan);
  if (!targets) return targets.error();
  if (command.dry_run) {
    if (context.options.json)
      context.print(to_json(*plan));
    else
      print_making(context, *plan, command.asked);
    return 0;
  }
  if (!context.options.quiet && !context.options.json) {
    if (plan->to_make > 0) context.screen().print(summary_of(*plan));
    if (!plan->run.empty() && !plan->carries_on && plan->to_make > 0)
      context.screen().print("waiting for what run " + plan->run + " has under way …");
  }
  return make_and_follow(context, **runtime, signals, command, *targets);
}

}  // namespace

void add_make_commands(CLI::App& app, Context& context) {
  const auto options = std::make_shared<MakeCommand>();
  CLI::App& command = add_command(app, context, "make",
                                  "Make what is missing of a project's products", options, make);
  command.add_option("FILE", options->project, "The project: TOML, or JSON if it ends in .json")
      ->required()
      ->each([options](const std::string& file) { options->making.project = file; });
  command.add_option("PRODUCT", options->making.goals,
                     "What shall be there: film, shot/3/upscaled, 'shot/*/video'; default: as the "
                     "project says, else film");
  command.add_flag("-n,--dry-run", options->dry_run,
                   "Only show what would be made, why, and what it costs");
  for (const auto& [flag, asked, about] :
       {std::tuple("--cost", &options->asked.cost, "With -n: what it costs in all"),
        std::tuple("--time", &options->asked.time, "With -n: how long it takes, and what decides")})
    command.add_flag(flag, *asked, about)->needs("--dry-run");
  command.add_option("--explain", options->explain, "Only say why this product is made, or is not")
      ->type_name("PRODUCT")
      ->excludes("--dry-run");
  command.add_option("--force", options->making.force, "Make it anew in any case; may be repeated")
      ->type_name("PRODUCT")
      ->allow_extra_args(false);
  command
      .add_option("--touch", options->touch,
                  "It counts as made with the project as it is now; may be repeated")
      ->type_name("PRODUCT")
      ->allow_extra_args(false)
      ->excludes("--dry-run")
      ->excludes("--explain");
  command.add_flag("--only", options->making.only,
                   "Of what the products are made of, take whatever version is there");
  command
      .add_option("--max-cost", options->making.max_cost,
                  "What the run may spend at most: 5.00, or 5.00 EUR")
      ->type_name("AMOUNT");
  command.add_option("--priority", options->making.priority, "-100 … 100; higher goes first")
      ->type_name("NUMBER")
      ->check(CLI::Range(-100, 100));
  command
      .add_option("-o,--output", options->outputs,
                  "Save a product: FILE when one is asked for, else PRODUCT=FILE; may be repeated")
      ->type_name("[PRODUCT=]FILE")
      ->allow_extra_args(false);
  command.footer(
      R"(Ctrl-C stops cleanly; the same command carries on. A product is made anew when its
settings or what it is made of changed, never because of a date.

Examples:
  weft make night_train.toml -n
  weft make night_train.toml film -o film.mp4
  weft make night_train.toml 'shot/*/video' --max-cost 2.00)");
}

}  // namespace weft::cli
