// SPDX-License-Identifier: Apache-2.0
#include "shell/definition_memory.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "route/choose.hpp"

namespace weft::shell {

// What a definition may speak of.
struct Vocabulary {
  std::vector<std::string> classes;
  std::vector<std::string> services;
  std::vector<ComponentOptions> options;
  std::vector<std::string> silent_components;
};

namespace {

// Whoever has more reads them again now and then.
constexpr std::size_t definitions_at_most = 64;

Vocabulary vocabulary_of(const route::ServiceTable& table) {
  Vocabulary words;
  for (const SlotClass& slot_class : table.classes) words.classes.push_back(slot_class.name);
  for (const route::Service& service : table.services) {
    words.services.push_back(service.name);
    if (!service.unavailable.empty()) words.silent_components.push_back(service.component);
    for (const route::OfferedOperation& offered : service.operations)
      words.options.push_back({service.component, offered.name, offered.options});
  }
  return words;
}

// A task that nobody could take would wait for ever.
void find_unserved(const Pipeline& pipeline, const route::ServiceTable& services,
                   const std::string& prefix, std::vector<Diagnostic>& diagnostics) {
  for (const TaskDefinition& task : pipeline.tasks) {
    for (const auto& [name, body] : task.cases)
      find_unserved(*body, services, prefix + task.name + "/", diagnostics);
    if (task.body && task.cases.empty())
      find_unserved(*task.body, services, prefix + task.name + "/", diagnostics);
    if (!task.operation || task.wait) continue;
    route::Request request;
    request.operation = task.operation->name;
    request.degrade = task.route.degrade;
    const route::Decision decision = route::choose(services, request);
    if (decision.chosen) continue;
    const std::string message =
        "no service can do '" + task.operation->name + "' for task '" + prefix + task.name + "'";
    std::string remedy = decision.reasons(services);
    if (remedy.empty())
      remedy = "configure a service whose component offers it; 'weft services' lists what is there";
    diagnostics.push_back({task.position, message, remedy, false});
  }
}

std::vector<Diagnostic> unserved(const Pipeline& pipeline, const route::ServiceTable& services) {
  std::vector<Diagnostic> diagnostics;
  find_unserved(pipeline, services, "", diagnostics);
  return diagnostics;
}

bool uses_others(const Pipeline& pipeline) {
  return std::any_of(pipeline.tasks.begin(), pipeline.tasks.end(),
                     [](const TaskDefinition& task) { return task.body != nullptr; });
}

// A definition that has no file is only called something; the folder that this process happens to
// be in is none of its business.
bool lies_somewhere(const std::string& file) {
  std::error_code error;
  return std::filesystem::path(file).has_parent_path() ||
         std::filesystem::is_regular_file(file, error);
}

// A pipeline of that name lies beside the one that uses it; nothing: none does.
result<std::optional<PipelineText>> find_beside(const std::string& name, const std::string& from) {
  if (!lies_somewhere(from)) return std::optional<PipelineText>();
  const std::filesystem::path folder = std::filesystem::path(from).parent_path();
  for (const char* ending : {".toml", ".json"}) {
    const std::filesystem::path file = folder / (name + ending);
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) continue;
    auto text = read_text_file(file);
    if (!text) return std::move(text).error();
    return std::optional(PipelineText{std::move(*text), file.string()});
  }
  return std::optional<PipelineText>();
}

}  // namespace

DefinitionContext DefinitionMemory::context_for(const Environment& environment,
                                                const Vocabulary& words) const {
  const auto find = [this](const std::string& name,
                           const std::string& from) -> result<PipelineText> {
    auto beside = find_beside(name, from);
    if (!beside) return std::move(beside).error();
    if (*beside) return **std::move(beside);
    const std::string file =
        (std::filesystem::path(from).parent_path() / (name + ".toml")).string();
    auto saved =
        find_saved_
            ? find_saved_(name)
            : result<PipelineText>(not_found("there is no pipeline '" + excerpt(name, 60) + "'"));
    if (saved || saved.error().kind != ErrorKind::not_found) return saved;
    const std::string beside_it =
        lies_somewhere(from) ? "put it beside the one that uses it: " + file + "; or " : "";
    return not_found(saved.error().message, beside_it + "keep it: weft pipeline save FILE");
  };
  return {environment.config.operations,
          words.classes,
          words.services,
          environment.config.currency,
          words.options,
          words.silent_components,
          find};
}

template <class Read>
result<ReadPipeline> DefinitionMemory::remembered(std::string key, bool is_all,
                                                  const Services& services, const Read& read) {
  {
    const std::lock_guard lock(mutex_);
    if (services_ != services) known_.clear();
    services_ = services;
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
  }
  auto fresh = read();  // may take long: without the lock
  if (!fresh) return fresh;
  const std::lock_guard lock(mutex_);
  if (services_ != services) return fresh;
  if (!is_all && uses_others(*fresh->pipeline)) return fresh;
  if (known_.size() >= definitions_at_most) known_.clear();
  known_.emplace(std::move(key), *fresh);
  return fresh;
}

result<ReadPipeline> DefinitionMemory::read(const std::string& text, const std::string& file,
                                            const Environment& environment,
                                            const Services& services) {
  return remembered(file + '\n' + text, false, services, [&]() -> result<ReadPipeline> {
    const Vocabulary words = vocabulary_of(*services);
    auto read = read_pipeline(text, file, context_for(environment, words));
    if (!read) return read;
    if (auto diagnostics = unserved(*read->pipeline, *services); !diagnostics.empty())
      return invalid(file, std::move(diagnostics));
    return read;
  });
}

result<std::shared_ptr<const Pipeline>> DefinitionMemory::read_stored(
    const StoredRun& stored, const Environment& environment, const Services& services) {
  auto read =
      remembered(stored.run.pipeline.to_string(), true, services, [&]() -> result<ReadPipeline> {
        const Vocabulary words = vocabulary_of(*services);
        auto pipeline = read_canonical(stored.pipeline, context_for(environment, words));
        if (!pipeline) return std::move(pipeline).error();
        if (auto diagnostics = unserved(**pipeline, *services); !diagnostics.empty())
          return invalid("run " + stored.run.id.to_string(), std::move(diagnostics));
        return ReadPipeline{std::move(*pipeline), {}};
      });
  if (!read) return std::move(read).error();
  return std::move(read->pipeline);
}

}  // namespace weft::shell
