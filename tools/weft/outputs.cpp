// SPDX-License-Identifier: Apache-2.0
#include "outputs.hpp"

#include <algorithm>
#include <fstream>
#include <optional>

#include "base/text.hpp"
#include "json_views.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

std::string text_of(const json::value& object, std::string_view member) {
  const json::value* value = find_member(object, member);
  return value && value->is_string() ? std::string(value->get_string()) : std::string{};
}

// An artifact is {"$artifact": "<digest>", "media_type", "bytes", "name"}.
OutputItem item_of(std::string name, const json::value& value) {
  OutputItem item;
  item.name = std::move(name);
  item.digest = text_of(value, "$artifact");
  if (item.digest.empty()) {
    item.json = readable(value);
    return item;
  }
  item.file_name = text_of(value, "name");
  item.media_type = text_of(value, "media_type");
  if (const json::value* bytes = find_member(value, "bytes"); bytes && bytes->is_int64())
    item.size_bytes = static_cast<std::uint64_t>(bytes->get_int64());
  return item;
}

bool is_artifact_list(const json::value& value) {
  return value.is_array() && !value.get_array().empty() &&
         std::all_of(value.get_array().begin(), value.get_array().end(),
                     [](const json::value& item) { return !text_of(item, "$artifact").empty(); });
}

// A plain value as a file: texts as they are, anything else as JSON.
result<void> write_value(const OutputItem& item, const std::filesystem::path& file) {
  const json::value value = parsed(item.json);
  std::ofstream stream(file, std::ios::binary);
  if (value.is_string())
    stream << std::string_view(value.get_string());
  else
    stream << item.json << "\n";
  stream.close();
  if (!stream)
    return machine("cannot write '" + file.string() + "'", "check rights and free space");
  return {};
}

result<void> save_item(Runtime& runtime, const OutputItem& item,
                       const std::filesystem::path& file) {
  if (item.digest.empty()) return write_value(item, file);
  auto copied = runtime.artifact(item.digest, file);
  if (!copied) return copied.error();
  return {};
}

// The items of one output: all with that name, or "name[…]".
std::vector<OutputItem> items_named(const std::vector<OutputItem>& items, const std::string& name) {
  std::vector<OutputItem> named;
  for (const OutputItem& item : items)
    if (item.name == name || item.name.starts_with(name + "[")) named.push_back(item);
  return named;
}

result<void> save_list(Runtime& runtime, const std::vector<OutputItem>& items,
                       const std::filesystem::path& folder, Saved& saved) {
  std::error_code problem;
  std::filesystem::create_directories(folder, problem);
  if (problem)
    return machine("cannot make the folder '" + folder.string() + "'", problem.message());
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto file = folder / (std::to_string(i) + "-" + file_name_of(items[i]));
    if (auto done = save_item(runtime, items[i], file); !done) return done.error();
    saved.emplace_back(items[i].name, file);
  }
  return {};
}

std::vector<std::string> output_names(const RunView& run) {
  std::vector<std::string> names;
  const json::value outputs = parsed(run.outputs_json);
  if (outputs.is_object())
    for (const auto& member : outputs.get_object()) names.emplace_back(member.key());
  return names;
}

result<std::string> name_of(const SaveTarget& target, const std::vector<std::string>& names) {
  const std::string known =
      names.empty() ? "" : "write -o NAME=FILE; its outputs: " + joined(names, ", ");
  if (target.output.empty() && names.size() != 1)
    return invalid("-o " + target.file.string() + " names no output, and the run has " +
                       (names.empty() ? "none" : count_of(names.size(), "output")),
                   known);
  if (target.output.empty()) return names.front();
  if (std::find(names.begin(), names.end(), target.output) == names.end())
    return invalid("the run has no output '" + target.output + "'",
                   names.empty() ? "it has none" : suggest(target.output, names));
  return target.output;
}

// Null: nothing is known of it.
const std::string* why_missing(const RunView& run, const SaveTarget& target,
                               const std::vector<std::string>& names) {
  const bool the_only_one = target.output.empty() && names.empty() && run.output_errors.size() == 1;
  const auto found =
      the_only_one ? run.output_errors.begin() : run.output_errors.find(target.output);
  return found == run.output_errors.end() ? nullptr : &found->second;
}

}  // namespace

std::string file_name_of(const OutputItem& item) {
  const std::string name = one_line(std::filesystem::path(item.file_name).filename().string());
  return name.empty() ? short_digest(item.digest) : name;
}

std::vector<OutputItem> output_items(const std::string& outputs_json) {
  std::vector<OutputItem> items;
  const json::value outputs = parsed(outputs_json);
  if (!outputs.is_object()) return items;
  for (const auto& [key, value] : outputs.get_object()) {
    const std::string name(key);
    if (!is_artifact_list(value)) {
      items.push_back(item_of(name, value));
      continue;
    }
    const json::array& list = value.get_array();
    for (std::size_t i = 0; i < list.size(); ++i)
      items.push_back(item_of(name + "[" + std::to_string(i) + "]", list[i]));
  }
  return items;
}

result<void> check_targets(const std::vector<SaveTarget>& targets,
                           const std::vector<std::string>& names) {
  for (const SaveTarget& target : targets)
    if (auto name = name_of(target, names); !name) return name.error();
  return {};
}

result<Saved> save_outputs(Runtime& runtime, const RunView& run,
                           const std::vector<SaveTarget>& targets) {
  Saved saved;
  if (run.outputs_json.empty()) return saved;
  const std::vector<std::string> names = output_names(run);
  const std::vector<OutputItem> items = output_items(run.outputs_json);
  std::optional<Error> missing;
  for (const SaveTarget& target : targets) {
    if (const std::string* why = why_missing(run, target, names)) {
      missing = failed("not saved to " + target.file.string() + ": " + *why);
      continue;
    }
    const auto name = name_of(target, names);
    if (!name)
      return invalid(name.error().message,
                     name.error().remedy +
                         "; the run is done; get an output with: weft artifact get DIGEST -o FILE");
    const std::vector<OutputItem> chosen = items_named(items, *name);
    const bool list = chosen.size() != 1 || chosen.front().name != *name;
    auto done = list ? save_list(runtime, chosen, target.file, saved)
                     : save_item(runtime, chosen.front(), target.file);
    if (!done) return done.error();
    if (!list) saved.emplace_back(*name, target.file);
  }
  if (missing) return *std::move(missing);
  return saved;
}

}  // namespace weft::cli
