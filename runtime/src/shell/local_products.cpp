// SPDX-License-Identifier: Apache-2.0
// Versions of products: which there are, and what people say of them.
#include <algorithm>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "shell/local_runtime.hpp"
#include "shell/making.hpp"

namespace weft::shell {

result<std::vector<ProductVersionView>> LocalRuntime::products(
    const std::filesystem::path& project) {
  auto opened = open_project(project);
  if (!opened) return std::move(opened).error();
  auto history = history_of(opened->project.name);
  if (!history) return std::move(history).error();
  const std::set<TaskRef> current =
      current_versions(*opened, *history, environment_->config.operations, describe_file);
  std::vector<ProductVersionView> views;
  for (const store::ProductRow& row : history->rows) {
    ProductVersionView& view = views.emplace_back();
    view.name = row.name;
    view.run = row.task.run.to_string();
    auto label = label_of(row.task);
    if (!label) return std::move(label).error();
    view.task = std::move(*label);
    view.state = to_string(row.state);
    view.current = current.contains(row.task);
    for (const store::ProductMark& mark : history->marks) {
      if (!(mark.task == row.task)) continue;
      view.pinned = view.pinned || mark.kind == store::ProductMarkKind::pinned;
      view.rejected = view.rejected || mark.kind == store::ProductMarkKind::rejected;
    }
    const json::value* output = find_member(row.outputs, row.output);
    if (const auto artifact = output ? artifact_from_json(*output) : std::nullopt) {
      view.digest = artifact->digest.to_string();
      view.media_type = artifact->media_type;
      view.file_name = artifact->name;
    }
  }
  std::ranges::reverse(views);
  return views;
}

namespace {

// The version that would be taken, else the newest.
std::optional<TaskRef> version_meant(const std::string& product, const Preparation& prepared) {
  for (std::size_t i = 0; i < prepared.steps.size(); ++i)
    if (prepared.products.all[i].name == product && prepared.steps[i].version)
      return prepared.steps[i].version;
  const auto known = prepared.known.made.find(product);
  if (known == prepared.known.made.end()) return std::nullopt;
  return known->second.front().task;
}

// What the product counts as made with from now on.
result<store::ProductMark> touch_of(TaskRef version, const std::string& product,
                                    const Preparation& prepared) {
  const auto found = std::ranges::find(prepared.products.all, product, &Product::name);
  store::ProductMark mark{product, store::ProductMarkKind::touched, version, settings_of(*found),
                          json::object()};
  for (const Product::Use& use : found->inputs) {
    json::array records;
    for (const std::uint32_t place : use.products) {
      const std::string& input = prepared.products.all[place].name;
      const auto made = prepared.known.made.find(input);
      const auto file = prepared.known.files.find(input);
      if (made == prepared.known.made.end() && file == prepared.known.files.end())
        return conflict("'" + input + "', which '" + product + "' is made of, is not there",
                        "make it first");
      const bool own = file != prepared.known.files.end();
      records.push_back(input_record(
          input, own ? file->second.digest : made->second.front().artifact.digest, own));
    }
    mark.inputs.as_object()[use.input] = std::move(records);
  }
  return mark;
}

std::string_view done(ProductWord word) {
  switch (word) {
    case ProductWord::pin:
      return "is pinned: it is taken whatever changes";
    case ProductWord::unpin:
      return "is no longer pinned";
    case ProductWord::reject:
      return "is rejected: it is made anew the next time";
    case ProductWord::touch:
      return "counts as made with the project as it is now";
  }
  return {};
}

}  // namespace

result<std::string> LocalRuntime::unpin(const std::string& project, const std::string& product,
                                        const ProductHistory& history) {
  for (const store::ProductMark& mark : history.marks) {
    if (mark.name != product || mark.kind != store::ProductMarkKind::pinned) continue;
    const std::lock_guard lock(client_mutex_);
    auto writer = client();
    if (!writer) return std::move(writer).error();
    if (auto removed = (*writer)->unmark(project, mark); !removed)
      return std::move(removed).error();
    return product + " of run " + mark.task.run.to_string() + " " +
           std::string(done(ProductWord::unpin));
  }
  std::vector<std::string> pinned;
  for (const store::ProductMark& mark : history.marks)
    if (mark.kind == store::ProductMarkKind::pinned) pinned.push_back(mark.name);
  return not_found("'" + product + "' is not pinned",
                   pinned.empty() ? "nothing of this project is" : suggest(product, pinned));
}

result<std::string> LocalRuntime::say_of_product(const std::filesystem::path& project,
                                                 const std::string& product, ProductWord word) {
  auto opened = open_project(project);
  if (!opened) return std::move(opened).error();
  const std::string name = opened->project.name;
  auto history = history_of(name);
  if (!history) return std::move(history).error();
  if (word == ProductWord::unpin) return unpin(name, product, *history);
  Making making;
  making.project = project;
  making.goals = {product};
  auto prepared =
      prepare(making, std::move(*opened), *history, environment_->config.operations, describe_file);
  if (!prepared) return std::move(prepared).error();
  const Products& found = (*prepared)->products;
  if (const std::string& one = found.all[found.goals.front()].name; one != product)
    return invalid("'" + product + "' stands for several products", "name one of them: " + one);
  const auto version = version_meant(product, **prepared);
  if (!version)
    return not_found("there is no version of '" + product + "' yet",
                     "make it first: weft make " + project.string() + " " + product);
  store::ProductMark mark{product, store::ProductMarkKind::pinned, *version, json::object(),
                          json::object()};
  if (word == ProductWord::reject) mark.kind = store::ProductMarkKind::rejected;
  if (word == ProductWord::touch) {
    auto touch = touch_of(*version, product, **prepared);
    if (!touch) return std::move(touch).error();
    mark = std::move(*touch);
  }
  const std::lock_guard lock(client_mutex_);
  auto writer = client();
  if (!writer) return std::move(writer).error();
  // What is rejected is not kept any more.
  if (word == ProductWord::reject) {
    store::ProductMark pin = mark;
    pin.kind = store::ProductMarkKind::pinned;
    if (auto removed = (*writer)->unmark(name, pin); !removed) return std::move(removed).error();
  }
  if (auto put = (*writer)->mark(name, mark); !put) return std::move(put).error();
  return product + " of run " + version->run.to_string() + " " + std::string(done(word));
}

}  // namespace weft::shell
