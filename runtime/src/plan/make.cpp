// SPDX-License-Identifier: Apache-2.0
#include "plan/make.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "model/table_reader.hpp"

namespace weft {
namespace {

// "prompt", "prompt and seed", "prompt, seed and width".
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::vector<std::string> changed_members(const json::object& was, const json::object& is) {
  std::set<std::string> names;
  for (const auto& member : was) names.insert(std::string(member.key()));
  for (const auto& member : is) names.insert(std::string(member.key()));
  std::vector<std::string> changed;
  for (const std::string& name : names) {
    const json::value* before = was.if_contains(name);
    const json::value* now = is.if_contains(name);
    if (!before || !now || canonical(*before) != canonical(*now)) changed.push_back(name);
  }
  return changed;
}

class Decider {
 public:
  Decider(const Products& products, const KnownProducts& known, const MakeOptions& options)
      : products_(products), known_(known), options_(options), steps_(products.all.size()) {}

  std::vector<MakeStep> decide() {
    const std::set<std::uint32_t> goals(products_.goals.begin(), products_.goals.end());
    for (std::uint32_t i = 0; i < steps_.size(); ++i) judge(i, options_.only && !goals.contains(i));
    for (const std::uint32_t goal : products_.goals) steps_[goal].needed = true;
    for (std::uint32_t i = static_cast<std::uint32_t>(steps_.size()); i-- > 0;)
      if (steps_[i].needed && steps_[i].make)
        for (const Product::Use& use : products_.all[i].inputs)
          for (const std::uint32_t input : use.products) steps_[input].needed = true;
    return std::move(steps_);
  }

 private:
  void judge(std::uint32_t place, bool as_it_is) {
    const Product& product = products_.all[place];
    MakeStep& step = steps_[place];
    if (product.file) {
      step.artifact = known_.files.at(product.name);
      step.reason = "yours";
      return;
    }
    const auto made = known_.made.find(product.name);
    if (made == known_.made.end()) {
      step.make = true;
      step.reason = known_.rejected.contains(product.name) ? "rejected" : "missing";
      return;
    }
    const std::vector<KnownProduct>& versions = made->second;
    if (known_.pinned.contains(product.name)) {
      take(step, versions.front(), "pinned");
    } else if (options_.force.contains(product.name)) {
      step.make = true;
      step.reason = "asked with --force";
    } else if (as_it_is) {
      const auto fitting = std::ranges::find_if(
          versions, [&](const KnownProduct& one) { return what_changed(product, one).empty(); });
      take(step, fitting == versions.end() ? versions.front() : *fitting, "taken as it is");
    } else {
      take_or_make(product, versions, step);
    }
  }

  static void take(MakeStep& step, const KnownProduct& version, std::string reason) {
    step.reason = std::move(reason);
    step.artifact = version.artifact;
    step.version = version.task;
  }

  // Why it is made anew is told of the newest version.
  void take_or_make(const Product& product, const std::vector<KnownProduct>& versions,
                    MakeStep& step) const {
    for (const KnownProduct& version : versions) {
      std::string changed = what_changed(product, version);
      if (changed.empty()) return take(step, version, "up to date");
      if (&version == &versions.front()) step.reason = std::move(changed);
    }
    step.make = true;
  }

  // "": nothing.
  std::string what_changed(const Product& product, const KnownProduct& made) const {
    const json::object settings = settings_of(product);
    for (const char* key : {"operation", "output"})
      if (const json::value* was = made.settings.if_contains(key); !was || *was != settings.at(key))
        return std::string(key) + " changed";
    const json::value* params = made.settings.if_contains("params");
    const auto changed =
        changed_members(params && params->is_object() ? params->get_object() : json::object(),
                        settings.at("params").as_object());
    if (!changed.empty()) return listed(changed) + " changed";
    for (const Product::Use& use : product.inputs)
      if (std::string reason = what_changed(use, made); !reason.empty()) return reason;
    return made.inputs.size() == product.inputs.size() ? "" : "inputs changed";
  }

  std::string what_changed(const Product::Use& use, const KnownProduct& made) const {
    const auto was = made.inputs.find(use.input);
    if (was == made.inputs.end() || was->second.size() != use.products.size())
      return use.input + " changed";
    for (std::size_t i = 0; i < use.products.size(); ++i) {
      const MakeStep& input = steps_[use.products[i]];
      const std::string& name = products_.all[use.products[i]].name;
      const MadeOf& before = was->second[i];
      if (!before.product.empty() && before.product != name) return use.input + " changed";
      if (input.make && before.file) return name + " is no file of yours any more";
      // One that was never there, or is lost, need not be made again for this.
      const bool comes_anew =
          input.make && (known_.made.contains(name) || input.reason == "rejected");
      if (comes_anew) return name + " is made anew";
      if (input.artifact && before.digest != input.artifact->digest) return name + " is newer";
    }
    return "";
  }

  const Products& products_;
  const KnownProducts& known_;
  const MakeOptions& options_;
  std::vector<MakeStep> steps_;
};

// "shot/3/video" as the name of a task: shot_3_video.
std::string task_name(const std::string& product, const std::map<std::string, std::string>& taken) {
  std::string name = product;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '-'; }, '_');
  while (taken.contains(name) || is_reserved(name)) name += "_";
  return name;
}

// Texts are meant as they stand.
json::value literal(const json::value& value) {
  if (const auto* text = value.if_string()) {
    std::string escaped;
    for (std::size_t i = 0; i < text->size(); ++i) {
      if ((*text)[i] == '$' && i + 1 < text->size() && (*text)[i + 1] == '{') escaped += '$';
      escaped += (*text)[i];
    }
    return json::value(escaped);
  }
  if (const auto* list = value.if_array()) {
    json::array copy;
    for (const json::value& element : *list) copy.push_back(literal(element));
    return copy;
  }
  if (const auto* table = value.if_object()) {
    json::object copy;
    for (const auto& member : *table) copy[member.key()] = literal(member.value());
    return copy;
  }
  return value;
}

class Definer {
 public:
  Definer(const Products& products, const std::vector<MakeStep>& steps)
      : products_(products), steps_(steps), names_(steps.size()) {}

  MadeDefinition define(const std::string& name) {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (steps_[i].needed) add(i);
    json::object outputs;
    for (const std::uint32_t goal : products_.goals)
      if (steps_[goal].make) outputs[names_[goal]] = "${" + use_of(goal) + "}";
    made_.definition = {{"pipeline", json::object{{"name", name}}},
                        {"inputs", std::move(inputs_)},
                        {"tasks", std::move(tasks_)},
                        {"outputs", std::move(outputs)}};
    return std::move(made_);
  }

 private:
  void add(std::size_t place) {
    const Product& product = products_.all[place];
    auto& taken = steps_[place].make ? made_.tasks : made_.inputs;
    names_[place] = task_name(product.name, taken);
    taken[names_[place]] = product.name;
    if (!steps_[place].make) {
      inputs_[names_[place]] = json::object{{"type", "artifact"}};
      return;
    }
    json::object task = product.recipe->task;
    task["operation"] = product.recipe->operation;
    task["params"] = literal(product.params);
    json::object inputs;
    for (const Product::Use& use : product.inputs)
      if (!use.products.empty()) inputs[use.input] = value_of(use);
    task["inputs"] = std::move(inputs);
    tasks_[names_[place]] = std::move(task);
  }

  json::value value_of(const Product::Use& use) const {
    if (!use.list) return json::string("${" + use_of(use.products.front()) + "}");
    json::array list;  // not one expression, which must not be of any length
    for (const std::uint32_t product : use.products)
      list.push_back(json::string("${" + use_of(product) + "}"));
    return list;
  }

  std::string use_of(std::uint32_t place) const {
    if (!steps_[place].make) return "inputs." + names_[place];
    return "tasks." + names_[place] + "." + products_.all[place].output;
  }

  const Products& products_;
  const std::vector<MakeStep>& steps_;
  std::vector<std::string> names_;  // by place: of its task or input
  json::object inputs_;
  json::object tasks_;
  MadeDefinition made_;
};

}  // namespace

json::object settings_of(const Product& product) {
  return {{"operation", product.recipe->operation},
          {"output", product.output},
          {"params", product.params}};
}

std::vector<MakeStep> decide(const Products& products, const KnownProducts& known,
                             const MakeOptions& options) {
  return Decider(products, known, options).decide();
}

MadeDefinition define(const std::string& name, const Products& products,
                      const std::vector<MakeStep>& steps) {
  return Definer(products, steps).define(name);
}

json::object input_record(const std::string& product, TaskNo task) {
  return {{"product", product}, {"task", std::int64_t{task}}};
}

json::object input_record(const std::string& product, const Digest& digest, bool file) {
  return {{"product", product}, {file ? "file" : "artifact", digest.to_string()}};
}

void note_products(Plan& plan, const std::string& project, const Products& products,
                   const std::vector<MakeStep>& steps, const MadeDefinition& made) {
  std::map<std::string, TaskNo> task_of;  // by product
  for (std::uint32_t i = 0; i < plan.root().pipeline->tasks.size(); ++i)
    task_of[made.tasks.at(plan.root().pipeline->tasks[i].name)] = plan.root().first[i];
  plan.project = project;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const Product& product = products.all[i];
    if (!steps[i].needed || !steps[i].make) continue;
    json::object inputs;
    for (const Product::Use& use : product.inputs) {
      json::array from;
      for (const std::uint32_t input : use.products) {
        const Product& one = products.all[input];
        if (steps[input].make)
          from.push_back(input_record(one.name, task_of.at(one.name)));
        else
          from.push_back(
              input_record(one.name, steps[input].artifact->digest, one.file != nullptr));
      }
      inputs[use.input] = std::move(from);
    }
    plan.products.push_back({task_of.at(product.name), product.name, product.output,
                             settings_of(product), std::move(inputs)});
  }
}

}  // namespace weft
