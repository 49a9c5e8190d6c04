// SPDX-License-Identifier: Apache-2.0
// What runs have made: listing, copying and checking it.
#include <filesystem>
#include <set>

#include "shell/local_runtime.hpp"
#include "shell/views.hpp"

namespace weft::shell {

result<std::vector<ArtifactView>> LocalRuntime::artifacts(std::string_view run,
                                                          std::uint32_t limit) {
  auto reader = queries();
  if (!reader && reader.error().kind == ErrorKind::not_found && run.empty())
    return std::vector<ArtifactView>{};
  if (!reader) return std::move(reader).error();
  std::optional<RunId> id;
  if (!run.empty()) {
    auto row = (*reader)->find_run(run);
    if (!row) return std::move(row).error();
    id = row->run.id;
  }
  auto refs = (*reader)->artifacts(id, limit);
  if (!refs) return std::move(refs).error();
  std::vector<ArtifactView> views;
  for (const store::ArtifactRef& ref : *refs) {
    std::string label;
    if (ref.run && ref.task) {
      auto found = label_of({*ref.run, *ref.task});
      if (!found) return std::move(found).error();
      label = std::move(*found);
    }
    views.push_back(show_artifact(ref, label));
  }
  // What a run gives out is the output of a task as well: said once, with the task.
  std::set<std::pair<std::string, std::string>> of_tasks;
  for (const ArtifactView& view : views)
    if (!view.task.empty()) of_tasks.emplace(view.digest, view.run);
  std::erase_if(views, [&](const ArtifactView& view) {
    return view.task.empty() && of_tasks.contains({view.digest, view.run});
  });
  return views;
}

result<ArtifactInfo> LocalRuntime::find_artifact(std::string_view digest) {
  auto reader = queries();
  if (!reader) return std::move(reader).error();
  if (const auto whole = Digest::parse(digest)) return (*reader)->artifact(*whole);
  auto refs = (*reader)->artifacts(std::nullopt, UINT32_MAX);
  if (!refs) return std::move(refs).error();
  std::optional<ArtifactInfo> match;
  for (const store::ArtifactRef& ref : *refs) {
    if (!ref.artifact.digest.to_string().starts_with(digest)) continue;
    if (match && match->digest != ref.artifact.digest)
      return conflict("several artifacts begin with '" + std::string(digest) + "'",
                      "write more of the digest");
    match = ref.artifact;
  }
  if (!match)
    return not_found("there is no artifact '" + std::string(digest) + "'",
                     "'weft artifact list' shows all");
  return *match;
}

// Names the task that made what is missing.
Error LocalRuntime::how_to_make_again(const Digest& digest, Error missing) {
  auto reader = queries();
  auto refs = reader ? (*reader)->references(digest) : result<std::vector<store::ArtifactRef>>({});
  for (const store::ArtifactRef& ref : refs ? *refs : std::vector<store::ArtifactRef>{}) {
    if (ref.kind != store::RefKind::task_output || !ref.run || !ref.task) continue;
    const auto label = label_of({*ref.run, *ref.task});
    if (!label) continue;
    missing.remedy = "put back a copy, or make it again: weft fork " + ref.run->to_string() + " '" +
                     *label + "'; if a project has made it, with weft make";
    break;
  }
  return missing;
}

result<std::filesystem::path> LocalRuntime::artifact(std::string_view digest,
                                                     const std::filesystem::path& file) {
  auto info = find_artifact(digest);
  if (!info) return std::move(info).error();
  auto store = artifact_store();
  if (!store) return std::move(store).error();
  auto blob = (*store)->find(info->digest, info->size_bytes);
  if (!blob) return how_to_make_again(info->digest, std::move(blob).error());
  if (file.empty()) return *blob;
  if (std::filesystem::is_directory(file))
    return invalid("'" + file.string() + "' is a folder",
                   "name a file in it: " + (file / info->name).string());
  std::error_code failed;
  std::filesystem::copy_file(*blob, file, std::filesystem::copy_options::overwrite_existing,
                             failed);
  if (failed)
    return machine("'" + file.string() + "' cannot be written: " + failed.message(),
                   "make its folder, give this user the right to write there, or free space");
  return file;
}

result<std::vector<ArtifactView>> LocalRuntime::verify_artifacts(std::string_view run) {
  auto all = artifacts(run, UINT32_MAX);
  if (!all) return std::move(all).error();
  auto store = artifact_store();
  if (!store) return std::move(store).error();
  std::vector<ArtifactView> damaged;
  std::set<std::string> seen;
  for (ArtifactView& view : *all) {
    if (!seen.insert(view.digest).second) continue;
    auto digest = Digest::parse(view.digest);
    if (!digest) return std::move(digest).error();
    if (!(*store)->find(*digest, view.size_bytes) || !(*store)->verify(*digest))
      damaged.push_back(std::move(view));
  }
  return damaged;
}

}  // namespace weft::shell
