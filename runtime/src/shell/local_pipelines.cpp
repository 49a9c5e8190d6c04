// SPDX-License-Identifier: Apache-2.0
// Definitions that are kept under their names.
#include <boost/json/serialize.hpp>

#include "model/pipeline_diff.hpp"
#include "model/pipeline_reference.hpp"
#include "shell/local_runtime.hpp"

namespace weft::shell {
namespace {

// What it is called in messages; read as JSON when it is that.
std::string file_name_of(const store::SavedPipeline& saved) {
  return saved.name + "@" + std::to_string(saved.number) + (saved.format == "json" ? ".json" : "");
}

PipelineVersionView show_saved(store::SavedPipeline saved) {
  PipelineVersionView view;
  view.definition.file = file_name_of(saved);
  view.definition.text = std::move(saved.source);
  view.name = std::move(saved.name);
  view.number = saved.number;
  view.author = std::move(saved.author);
  view.message = std::move(saved.message);
  view.saved_at = saved.saved_at;
  view.hash = saved.hash.to_string();
  return view;
}

std::string text_of(const json::value& value) {
  return value.is_null() ? std::string() : json::serialize(value);
}

}  // namespace

result<std::vector<PipelineVersionView>> LocalRuntime::pipelines(std::string_view name) {
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found && name.empty())
    return std::vector<PipelineVersionView>{};  // nothing has been saved yet
  if (!reader) return std::move(reader).error();
  auto rows = (*reader)->saved_pipelines(name);
  if (!rows) return std::move(rows).error();
  if (rows->empty() && !name.empty()) {
    auto none = (*reader)->saved_pipeline(name, 0);
    if (!none) return std::move(none).error();
  }
  std::vector<PipelineVersionView> views;
  for (store::SavedPipeline& row : *rows) views.push_back(show_saved(std::move(row)));
  return views;
}

result<LocalRuntime::KeptPipeline> LocalRuntime::kept_pipeline(std::string_view version) {
  auto reference = parse_pipeline_reference(version);
  if (!reference) return std::move(reference).error();
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found)
    return not_found("no pipeline '" + reference->name + "' is saved",
                     "save one: weft pipeline save FILE");
  if (!reader) return std::move(reader).error();
  auto saved = (*reader)->saved_pipeline(reference->name, reference->number);
  if (!saved) return std::move(saved).error();
  auto known = (*reader)->pipeline(saved->hash);
  if (!known) return std::move(known).error();
  DefinitionView meaning{std::move(known->canonical),
                         saved->name + "@" + std::to_string(saved->number) + ".json"};
  return KeptPipeline{std::move(*saved), std::move(meaning)};
}

result<PipelineVersionView> LocalRuntime::pipeline(std::string_view version) {
  auto kept = kept_pipeline(version);
  if (!kept) return std::move(kept).error();
  PipelineVersionView view = show_saved(std::move(kept->row));
  view.meaning = std::move(kept->meaning);
  return view;
}

result<PipelineText> LocalRuntime::saved_text(const std::string& name) {
  auto kept = kept_pipeline(name);
  if (!kept) return std::move(kept).error();
  return PipelineText{std::move(kept->meaning.text), std::move(kept->meaning.file)};
}

result<PipelineVersionView> LocalRuntime::save_pipeline(const PipelineSave& save) {
  auto services = board();
  if (!services) return std::move(services).error();
  auto read = definitions_.read(save.definition.text, save.definition.file, *environment_,
                                (*services)->table());
  if (!read) return std::move(read).error();
  const Pipeline& pipeline = *read->pipeline;
  store::SavedPipeline row;
  row.name = pipeline.name;
  row.hash = pipeline.hash;
  row.source = save.definition.text;
  row.format = pipeline.format;
  row.author = save.author;
  row.message = save.message;
  return keep_version(pipeline, std::move(row));
}

result<PipelineVersionView> LocalRuntime::roll_back_pipeline(std::string_view version,
                                                             const std::string& message,
                                                             const std::string& author) {
  auto old = kept_pipeline(version);
  if (!old) return std::move(old).error();
  auto services = board();
  if (!services) return std::move(services).error();
  const auto read =
      definitions_.read(old->meaning.text, old->meaning.file, *environment_, (*services)->table());
  if (!read) return read.error();
  store::SavedPipeline row = std::move(old->row);  // shown as it was written then
  row.author = author;
  row.message = message.empty() ? "rolled back to " + std::to_string(row.number) : message;
  return keep_version(*read->pipeline, std::move(row));
}

result<PipelineVersionView> LocalRuntime::keep_version(const Pipeline& pipeline,
                                                       store::SavedPipeline row) {
  const std::lock_guard lock(client_mutex_);
  auto writer = client();
  if (!writer) return std::move(writer).error();
  auto saved = (*writer)->save_pipeline(pipeline, std::move(row));
  if (!saved) return std::move(saved).error();
  PipelineVersionView view = show_saved(std::move(saved->version));
  view.is_new = saved->is_new;
  return view;
}

result<std::vector<PipelineChangeView>> LocalRuntime::compare_pipelines(
    const DefinitionView& before, const DefinitionView& after) {
  auto services = board();
  if (!services) return std::move(services).error();
  const auto meaning = [&](const DefinitionView& one) {
    return definitions_.read(one.text, one.file, *environment_, (*services)->table());
  };
  const auto old = meaning(before);
  if (!old) return old.error();
  const auto fresh = meaning(after);
  if (!fresh) return fresh.error();
  std::vector<PipelineChangeView> views;
  for (const PipelineChange& change :
       weft::compare_pipelines(old->pipeline->canonical, fresh->pipeline->canonical))
    views.push_back({std::string(to_string(change.kind)), change.path, text_of(change.before),
                     text_of(change.after)});
  return views;
}

}  // namespace weft::shell
