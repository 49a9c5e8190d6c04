// SPDX-License-Identifier: Apache-2.0
#include "shell/making.hpp"

#include <algorithm>
#include <boost/algorithm/string/replace.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "base/text.hpp"
#include "shell/projecting.hpp"

namespace weft::shell {

// ---------------------------------------------------------------- reading

result<OpenProject> open_project(const std::filesystem::path& file) {
  OpenProject opened;
  auto text = read_text_file(file);
  if (!text) return std::move(text).error();
  auto project = read_project(*text, file.string());
  if (!project) return std::move(project).error();
  opened.project = std::move(*project);
  opened.folder = file.parent_path();
  opened.recipes = opened.project.recipes;
  for (const ProjectFile& recipes : opened.project.recipe_files) {
    const auto path = (opened.folder / recipes.path).lexically_normal();
    auto recipe_text = read_text_file(path);
    if (!recipe_text)
      return invalid(file.string(),
                     {Diagnostic{recipes.position, recipe_text.error().message,
                                 "paths are relative to the project's file", false}});
    auto more = read_recipe_file(*recipe_text, path.string());
    if (!more) return std::move(more).error();
    std::ranges::move(*more, std::back_inserter(opened.recipes));
  }
  return opened;
}

Error may_have_been_bought(const std::string& product, const std::string& run) {
  return conflict("'" + product + "' may have been bought already, in run " + run,
                  "look at it with 'weft why', then say what became of it: 'weft settle " + run +
                      " TASK --bought FILE' or '--not-bought'");
}

namespace {

// ---------------------------------------------------------------- preparing

std::vector<std::string> goals_of(const Making& making, const Project& project) {
  if (!making.goals.empty()) return making.goals;
  return {project.goal.empty() ? "film" : project.goal};
}

// The products whose names fit what was written.
result<std::set<std::string, std::less<>>> named(const std::vector<std::string>& written,
                                                 const Products& products) {
  std::set<std::string, std::less<>> names;
  for (const std::string& text : written) {
    auto pattern = parse_pattern(text);
    if (!pattern) return std::move(pattern).error();
    const std::size_t before = names.size();
    std::vector<std::string> all;
    for (const Product& product : products.all) {
      all.push_back(product.name);
      if (pattern->match(product.name)) names.insert(product.name);
    }
    if (names.size() == before)
      return not_found("'" + excerpt(text, 100) + "' is not needed for what is asked for",
                       suggest(text, all));
  }
  return names;
}

result<> describe_files(const Preparation& prepared, const TakeFile& take_file,
                        KnownProducts& known) {
  for (const Product& product : prepared.products.all) {
    if (!product.file) continue;
    auto artifact = take_file(prepared.opened.folder / product.file->path);
    if (!artifact)
      return invalid(product.file->position.file,
                     {Diagnostic{product.file->position, artifact.error().message,
                                 "paths are relative to the project's file", false}});
    known.files.emplace(product.name, std::move(*artifact));
  }
  return {};
}

result<> refuse_unsure(const Preparation& prepared) {
  for (std::size_t i = 0; i < prepared.steps.size(); ++i) {
    const auto unsure = prepared.known.unsure.find(prepared.products.all[i].name);
    if (!prepared.steps[i].needed || !prepared.steps[i].make ||
        unsure == prepared.known.unsure.end())
      continue;
    return may_have_been_bought(unsure->first, unsure->second);
  }
  return {};
}

// One task on a line, so that a mistake in it can be told where its recipe stands.
std::string text_of(const json::object& definition) {
  std::string text = "{";
  for (const auto& member : definition) {
    text += (text.size() > 1 ? ",\n" : "\n") + json::serialize(json::string(member.key())) + ": ";
    if (member.key() != "tasks") {
      text += json::serialize(member.value());
      continue;
    }
    std::string tasks;
    for (const auto& task : member.value().as_object())
      tasks += (tasks.empty() ? "\n" : ",\n") + json::serialize(json::string(task.key())) + ": " +
               json::serialize(task.value());
    text += "{" + tasks + "\n}";
  }
  return text + "\n}\n";
}

Submission submission_of(const Making& making, const Preparation& prepared) {
  Submission submission;
  submission.definition = text_of(prepared.made.definition);
  submission.file = making.project.filename().string() + ".json";
  submission.max_cost = making.max_cost;
  submission.priority = making.priority;
  // A project knows itself which versions it takes: what it has made is to be another one.
  submission.no_cache = true;
  std::map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < prepared.products.all.size(); ++i)
    place[prepared.products.all[i].name] = i;
  for (const auto& [input, name] : prepared.made.inputs) {
    const std::size_t i = place.at(name);
    submission.inputs[input] =
        prepared.products.all[i].file
            ? given_file(prepared.opened.folder / prepared.products.all[i].file->path)
            : given_json(json::serialize(to_json(*prepared.steps[i].artifact)));
  }
  return submission;
}

// The product that the task on this line of the definition makes; null: there is none.
const Product* product_of_line(const Preparation& prepared, int line) {
  int at = 1;
  std::size_t begin = 0;
  const std::string& text = prepared.submission.definition;
  for (; at < line && begin != std::string::npos; ++at) {
    begin = text.find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  if (begin == std::string::npos || begin >= text.size() || text[begin] != '"') return nullptr;
  const std::string name = text.substr(begin + 1, text.find('"', begin + 1) - begin - 1);
  const auto made = prepared.made.tasks.find(name);
  if (made == prepared.made.tasks.end()) return nullptr;
  return &*std::ranges::find(prepared.products.all, made->second, &Product::name);
}

// What is said of a definition, said of the recipes it was made of.
std::string in_words_of_recipes(std::string text, const MadeDefinition& made) {
  for (const char* reference : {"\"${tasks.<name>.<output>}\" or \"${inputs.<name>}\"",
                                "\"${tasks.<name>.<output>}\"", "\"${...}\""})
    boost::replace_all(text, reference, "\"PRODUCT\"");
  constexpr std::string_view opening = "task '";
  for (std::size_t at = 0; (at = text.find(opening, at)) != text.npos; at += opening.size()) {
    const std::size_t begin = at + opening.size();
    const std::size_t end = text.find('\'', begin);
    const auto task = made.tasks.find(text.substr(begin, end - begin));
    if (task != made.tasks.end()) text.replace(at, end - at, "product '" + task->second);
  }
  return text;
}

// A wrong recipe is wrong for every shot: it is told of the first.
Error in_terms_of_recipes(Error error, const Making& making, const Preparation& prepared) {
  std::vector<Diagnostic> told;
  std::map<const Recipe*, const Product*> first;
  for (Diagnostic& one : error.diagnostics) {
    const Product* product = product_of_line(prepared, one.position.line);
    if (product && first.emplace(product->recipe, product).first->second != product) continue;
    one.position =
        product ? product->recipe->position : SourcePosition{making.project.string(), 0, 0};
    one.message = in_words_of_recipes(std::move(one.message), prepared.made);
    one.remedy = in_words_of_recipes(std::move(one.remedy), prepared.made);
    told.push_back(std::move(one));
  }
  if (told.empty()) return error;
  return invalid(making.project.string(), std::move(told));
}

// What a run has made, and the one that it has given way to.
std::vector<std::string> made_instead(const std::string& former, const ProductHistory& history) {
  std::vector<std::string> names;
  std::optional<RunId> successor;
  for (const store::ProductRow& row : history.rows) {
    const bool of_former = row.task.run.to_string() == former;
    if (of_former) successor = row.replaced_by;
    if (row.state == TaskState::succeeded && (of_former || row.task.run == successor))
      names.push_back(row.name);
  }
  return names;
}

}  // namespace

std::uint32_t Preparation::to_make() const {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(steps, [](const MakeStep& step) { return step.needed && step.make; }));
}

result<std::unique_ptr<Preparation>> prepare(const Making& making, OpenProject opened,
                                             const ProductHistory& history,
                                             const OperationCatalog& operations,
                                             const TakeFile& take_file) {
  auto prepared = std::make_unique<Preparation>();  // stays where it is: products refer to recipes
  prepared->opened = std::move(opened);
  prepared->known = known_products(history);
  prepared->only = making.only;
  const Project& project = prepared->opened.project;
  auto products = find_products(project, prepared->opened.recipes, operations,
                                goals_of(making, project), prepared->known.rejected);
  if (!products) return std::move(products).error();
  prepared->products = std::move(*products);
  if (auto described = describe_files(*prepared, take_file, prepared->known); !described)
    return std::move(described).error();
  MakeOptions options;
  options.only = making.only;
  auto force = named(making.force, prepared->products);
  if (!force) return std::move(force).error();
  options.force = std::move(*force);
  for (const std::string& name : made_instead(making.instead_of, history))
    options.force.erase(name);
  for (const std::string& name : options.force)
    if (prepared->known.pinned.contains(name))
      return conflict("'" + name + "' is pinned, and so not made anew",
                      "unpin it first: weft product unpin " + making.project.string() + " " + name);
  prepared->steps = decide(prepared->products, prepared->known, options);
  if (auto sure = refuse_unsure(*prepared); !sure) return std::move(sure).error();
  prepared->made = define(project.name, prepared->products, prepared->steps);
  prepared->submission = submission_of(making, *prepared);
  return prepared;
}

std::set<TaskRef> current_versions(const OpenProject& opened, const ProductHistory& history,
                                   const OperationCatalog& operations, const TakeFile& take_file) {
  Preparation prepared;
  prepared.opened = opened;
  prepared.known = known_products(history);
  const auto find = [&](std::span<const std::string> names) {
    return find_products(prepared.opened.project, prepared.opened.recipes, operations, names,
                         prepared.known.rejected);
  };
  std::vector<std::string> names;
  for (const auto& [name, versions] : prepared.known.made) names.push_back(name);
  auto products = find(names);
  if (!products) {  // the project has no place for some of them any more
    std::erase_if(names, [&](const std::string& name) { return !find(std::span(&name, 1)); });
    products = find(names);
  }
  std::set<TaskRef> current;
  if (!products) return current;
  prepared.products = std::move(*products);
  if (!describe_files(prepared, take_file, prepared.known)) return current;
  for (const MakeStep& step : decide(prepared.products, prepared.known, {}))
    if (step.version) current.insert(*step.version);
  return current;
}

result<Planned> plan_products(const Making& making, const Preparation& prepared,
                              const Environment& environment, const Services& services,
                              const TakeFile& take_file, DefinitionMemory& definitions) {
  auto planned = make_plan(prepared.submission, environment, services, take_file, definitions);
  if (!planned) return in_terms_of_recipes(std::move(planned).error(), making, prepared);
  Plan plan = *planned->plan;
  note_products(plan, prepared.opened.project.name, prepared.products, prepared.steps,
                prepared.made);
  planned->plan = std::make_shared<const Plan>(std::move(plan));
  return planned;
}

// ---------------------------------------------------------------- showing

MakingView show_making(const Preparation& prepared) {
  MakingView view;
  view.project = prepared.opened.project.name;
  view.to_make = prepared.to_make();
  std::map<std::string, std::string> task_of;
  for (const auto& [task, product] : prepared.made.tasks) task_of[product] = task;
  for (std::size_t i = 0; i < prepared.steps.size(); ++i) {
    const MakeStep& step = prepared.steps[i];
    if (!step.needed) continue;
    const Product& product = prepared.products.all[i];
    MadeProductView& one = view.products.emplace_back();
    one.name = product.name;
    one.make = step.make;
    one.reason = step.reason;
    if (step.artifact) one.digest = step.artifact->digest.to_string();
    if (product.recipe) one.operation = product.recipe->operation;
    for (const Product::Use& use : product.inputs)
      for (const std::uint32_t input : use.products)
        one.made_of.push_back(prepared.products.all[input].name);
    if (step.make) one.task = task_of.at(product.name);
  }
  for (const std::uint32_t goal : prepared.products.goals)
    view.goals.push_back(prepared.products.all[goal].name);
  return view;
}

void show_outlook(const Preparation& prepared, const Plan& plan,
                  const route::ServiceTable& services, std::span<const ServiceMinute> history,
                  MakingView& view) {
  const Routes routes = routes_of(plan, services);
  const Forecast known = forecast(plan, services, routes, history);
  view.projection = show_projection(plan, project(plan, known));
  for (std::string& name : view.projection.critical_path) name = prepared.made.tasks.at(name);
  std::map<std::string_view, MadeProductView*> by_task;
  for (MadeProductView& one : view.products)
    if (one.make) by_task[one.task] = &one;
  for (const PlannedProduct& product : plan.products) {
    MadeProductView& one = *by_task.at(plan.definition(product.task).name);
    one.services = services_for(routes.of(product.task), services);
    one.estimate = show_cost(known.costs[product.task]);
    one.forecast = show_forecast(known, product.task);
  }
  for (const std::string& sum : view.projection.cost)
    view.cost += (view.cost.empty() ? "" : " + ") + sum;
  view.unknown_costs = view.projection.unknown_costs;
}

// ---------------------------------------------------------------- more than was asked for

void ask_for_more(const Overlap& overlap, const OpenProject& opened,
                  const OperationCatalog& operations, Making& making) {
  making.goals = goals_of(making, opened.project);
  for (const std::string& product : overlap.still)
    if (find_products(opened.project, opened.recipes, operations, std::span(&product, 1), {}))
      making.goals.push_back(product);
}

}  // namespace weft::shell
