// SPDX-License-Identifier: Apache-2.0
// What the store knows of the products of a project, and what its unfinished runs will make.
#include <algorithm>
#include <map>
#include <set>

#include "shell/making.hpp"

namespace weft::shell {
namespace {

std::optional<Digest> made_by(const json::value& task, RunId run,
                              const std::map<TaskRef, ArtifactInfo>& made) {
  const auto found = made.find({run, static_cast<TaskNo>(task.to_number<std::int64_t>())});
  return found == made.end() ? std::nullopt : std::optional(found->second.digest);
}

std::optional<Digest> digest_in(const json::value& text) {
  const auto digest = Digest::parse(text.as_string());
  return digest ? std::optional(*digest) : std::nullopt;
}

// Versions of long ago know no names: a digest alone, or the number of a task.
MadeOf made_of(const json::value& record, RunId run, const std::map<TaskRef, ArtifactInfo>& made) {
  if (record.is_string()) return {{}, false, digest_in(record)};
  if (record.is_number()) return {{}, false, made_by(record, run, made)};
  MadeOf one;
  if (const json::value* name = find_member(record, "product")) one.product = name->as_string();
  if (const json::value* task = find_member(record, "task")) {
    one.digest = made_by(*task, run, made);
  } else {
    const json::value* file = find_member(record, "file");
    const json::value* digest = file ? file : find_member(record, "artifact");
    one.file = file != nullptr;
    if (digest) one.digest = digest_in(*digest);
  }
  return one;
}

std::map<std::string, std::vector<MadeOf>> inputs_of(const json::value& written, RunId run,
                                                     const std::map<TaskRef, ArtifactInfo>& made) {
  std::map<std::string, std::vector<MadeOf>> inputs;
  for (const auto& member : written.as_object())
    for (const json::value& record : member.value().as_array())
      inputs[std::string(member.key())].push_back(made_of(record, run, made));
  return inputs;
}

bool is_record(const json::value& written) {
  if (written.is_string() || written.is_int64()) return true;
  if (!written.is_object()) return false;
  for (const auto& member : written.get_object())
    if (member.key() == "task" ? !member.value().is_int64() : !member.value().is_string())
      return false;
  return true;
}

bool can_be_read(const json::value& settings, const json::value& inputs) {
  if (!settings.is_object() || !inputs.is_object()) return false;
  return std::ranges::all_of(inputs.get_object(), [](const auto& input) {
    return input.value().is_array() && std::ranges::all_of(input.value().get_array(), is_record);
  });
}

std::optional<ArtifactInfo> artifact_of(const store::ProductRow& row) {
  if (row.state != TaskState::succeeded) return std::nullopt;
  const json::value* output = find_member(row.outputs, row.output);
  return output ? artifact_from_json(*output) : std::nullopt;
}

// By the task that made it.
std::map<TaskRef, ArtifactInfo> made_in(const ProductHistory& history) {
  std::map<TaskRef, ArtifactInfo> made;
  for (const store::ProductRow& row : history.rows)
    if (auto artifact = artifact_of(row)) made.emplace(row.task, *artifact);
  return made;
}

}  // namespace

std::vector<std::string> take_out_damaged(ProductHistory& history) {
  std::vector<std::string> names;
  const auto name = [&](const std::string& product, TaskRef task) {
    names.push_back("'" + product + "' by task " + std::to_string(task.task) + " of run " +
                    task.run.to_string());
  };
  for (store::ProductRow& row : history.rows) {
    if (can_be_read(row.settings, row.inputs)) continue;
    name(row.name, row.task);
    row.settings = row.inputs = json::object();
    row.outputs = nullptr;  // that it may have been bought is known all the same
  }
  std::erase_if(history.marks, [&](const store::ProductMark& mark) {
    const bool damaged =
        mark.kind == store::ProductMarkKind::touched && !can_be_read(mark.settings, mark.inputs);
    if (damaged) name(mark.name, mark.task);
    return damaged;
  });
  return names;
}

KnownProducts known_products(const ProductHistory& history) {
  KnownProducts known;
  std::set<std::pair<std::string, TaskRef>> rejected;
  std::map<std::string, TaskRef> pinned;
  std::map<TaskRef, const store::ProductMark*> touched;
  for (const store::ProductMark& mark : history.marks) {
    if (mark.kind == store::ProductMarkKind::rejected) {
      if (rejected.emplace(mark.name, mark.task).second) ++known.rejected[mark.name];
    } else if (mark.kind == store::ProductMarkKind::pinned) {
      pinned[mark.name] = mark.task;
    } else {
      touched[mark.task] = &mark;
    }
  }
  const std::map<TaskRef, ArtifactInfo> made = made_in(history);
  for (const store::ProductRow& row : history.rows) {
    if (row.state == TaskState::waiting && row.wait_reason == WaitReason::unknown_outcome)
      known.unsure[row.name] = row.task.run.to_string();
    const auto artifact = made.find(row.task);
    if (artifact == made.end() || rejected.contains({row.name, row.task})) continue;
    if (history.gone.contains(row.task)) continue;  // what was made of it is as good as before
    const auto pin = pinned.find(row.name);
    if (pin != pinned.end() && !(pin->second == row.task)) continue;
    KnownProduct product;
    product.task = row.task;
    product.artifact = artifact->second;
    const auto touch = touched.find(row.task);
    const json::value& settings = touch == touched.end() ? row.settings : touch->second->settings;
    product.settings = settings.as_object();
    product.inputs =
        inputs_of(touch == touched.end() ? row.inputs : touch->second->inputs, row.task.run, made);
    if (pin != pinned.end()) known.pinned.insert(row.name);
    known.unsure.erase(row.name);
    auto& versions = known.made[row.name];
    versions.insert(versions.begin(), std::move(product));
  }
  return known;
}

// ---------------------------------------------------------------- runs that are under way

namespace {

struct UnfinishedRun {
  RunId id;
  bool gives_way = false;
};
// Runs of the project that have not ended, the oldest first.
std::vector<UnfinishedRun> unfinished_runs(const ProductHistory& history) {
  std::vector<UnfinishedRun> runs;
  for (const store::ProductRow& row : history.rows)
    if ((row.run_state == RunState::active || row.run_state == RunState::paused) &&
        (runs.empty() || runs.back().id != row.task.run))
      runs.push_back({row.task.run, row.replaced_by.has_value()});
  return runs;
}

// Whether what goes into the product there is what would go into it now.
bool takes_the_same(const std::map<std::string, std::vector<MadeOf>>& there, const Product& product,
                    const Preparation& prepared) {
  for (const Product::Use& use : product.inputs) {
    const auto inputs = there.find(use.input);
    if (inputs == there.end()) {
      if (!use.products.empty()) return false;
      continue;
    }
    if (inputs->second.size() != use.products.size()) return false;
    for (std::size_t i = 0; i < use.products.size(); ++i) {
      const MadeOf& one = inputs->second[i];
      const MakeStep& step = prepared.steps[use.products[i]];
      const auto digest = step.make ? std::nullopt : std::optional(step.artifact->digest);
      if (one.product != prepared.products.all[use.products[i]].name || one.digest != digest)
        return false;
    }
  }
  return true;
}

Overlap overlap_with(RunId run, const ProductHistory& history, const Preparation& prepared) {
  const std::map<TaskRef, ArtifactInfo> made = made_in(history);
  std::map<std::string_view, const store::ProductRow*> there;
  Overlap overlap;
  std::size_t wanted = 0;
  for (const store::ProductRow& row : history.rows) {
    if (row.task.run != run || !is_unfinished(row.state)) continue;
    there[row.name] = &row;
    overlap.still.push_back(row.name);
  }
  overlap.covers = true;
  for (std::size_t i = 0; i < prepared.steps.size(); ++i) {
    if (!prepared.steps[i].needed || !prepared.steps[i].make) continue;
    ++wanted;
    const Product& product = prepared.products.all[i];
    const auto found = there.find(product.name);
    if (found != there.end()) overlap.meets = true;
    // Made anew although nothing about it changed: that run does not do it.
    const bool forced = prepared.steps[i].reason == "asked with --force";
    const bool is_made =
        found != there.end() && !forced && found->second->state != TaskState::failed &&
        canonical(found->second->settings) == canonical(settings_of(product)) &&
        takes_the_same(inputs_of(found->second->inputs, run, made), product, prepared);
    overlap.covers = overlap.covers && is_made;
  }
  // What is asked for alone is made of what is there, not of what that run makes before it.
  if (prepared.only && wanted != overlap.still.size()) overlap.covers = false;
  return overlap;
}

}  // namespace

Standing standing_of(const ProductHistory& history, const Preparation& prepared) {
  Standing standing;
  if (prepared.to_make() == 0) return standing;
  for (const UnfinishedRun& run : unfinished_runs(history)) {
    Overlap overlap = overlap_with(run.id, history, prepared);
    if (run.gives_way && (overlap.covers || overlap.meets)) {
      standing.giving_way = run.id;
      return standing;
    }
    if (overlap.covers && !standing.covering) standing.covering = run.id;
    if (overlap.meets) standing.in_the_way.emplace_back(run.id, std::move(overlap));
  }
  return standing;
}

}  // namespace weft::shell
