// SPDX-License-Identifier: Apache-2.0
#include "task_table.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

namespace weft::cli {
namespace {

constexpr std::size_t shown_items = 10;

// What has "scene[2]/shot[5]" in it, however deep, is "scene"; "film" is in nothing.
std::string_view outermost(std::string_view name) {
  const std::size_t end = name.find_first_of("[/");
  return end == name.npos ? std::string_view{} : name.substr(0, end);
}

// Names of tasks that are a pipeline of their own: "scene[2]" of "scene[2]/shot[5]".
std::set<std::string_view> pipelines_among(const std::vector<TaskView>& tasks) {
  std::set<std::string_view> names;
  for (const TaskView& task : tasks)
    for (std::size_t at = task.name.find('/'); at != task.name.npos;
         at = task.name.find('/', at + 1))
      names.insert(std::string_view(task.name).substr(0, at));
  return names;
}

bool asks_for_attention(const TaskView& task) {
  return task.state == "running" || task.state == "waiting" || task.state == "failed";
}

// "10 succeeded, 1 running, 1 failed", in the order of a task's life.
std::string counts_of(const std::vector<const TaskView*>& items) {
  constexpr std::array<const char*, 9> states{"succeeded", "running", "unattended",
                                              "waiting",   "failed",  "ready",
                                              "pending",   "skipped", "cancelled"};
  std::string text;
  for (const char* state : states) {
    const auto count = std::count_if(
        items.begin(), items.end(), [&](const TaskView* item) { return state_of(*item) == state; });
    if (count > 0)
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(state);
  }
  return text;
}

void add_row(Table& table, const TaskView& task, const std::string& note, TimePoint now,
             bool indented) {
  table.add({{(indented ? "· " : "") + task.name, task.group ? Tone::strong : Tone::plain},
             {state_of(task), tone_of(state_of(task))},
             {task.service},
             {time_of(task, now)},
             {task.cost},
             {note, task.state == "failed" ? Tone::bad : Tone::faint}});
}

// One row for all items of a group that wait in this state, with the reason of the first.
void add_waiting(Table& table, const std::vector<const TaskView*>& items, std::string_view state) {
  const auto waits = [&](const TaskView* item) { return item->state == state; };
  const auto first = std::ranges::find_if(items, waits);
  if (first == items.end() || (*first)->why.empty()) return;
  const auto differs = [&](const TaskView* item) {
    return waits(item) && item->why != (*first)->why;
  };
  table.add({{"· " + std::to_string(std::ranges::count_if(items, waits)) + " more", Tone::faint},
             {std::string(state), tone_of(state)},
             {},
             {},
             {},
             {(*first)->why + (std::ranges::any_of(items, differs) ? ", …" : ""), Tone::faint}});
}

void add_items(Table& table, const std::vector<const TaskView*>& items, TimePoint now, bool all) {
  std::vector<const TaskView*> shown;
  for (const TaskView* item : items)
    if (all || asks_for_attention(*item)) shown.push_back(item);
  const std::size_t count = all ? shown.size() : std::min(shown.size(), shown_items);
  for (std::size_t i = 0; i < count; ++i) add_row(table, *shown[i], note_of(*shown[i]), now, true);
  if (count < shown.size())
    table.add({{"· … " + std::to_string(shown.size() - count) + " more (--all)", Tone::faint},
               {},
               {},
               {},
               {},
               {}});
  if (!all)
    for (const char* state : {"ready", "pending"}) add_waiting(table, items, state);
}

}  // namespace

std::string state_of(const TaskView& task) {
  return task.unattended ? "unattended" : task.state;
}

std::string note_of(const TaskView& task) {
  if (task.state != "running" || task.unattended) return task.why;
  std::string text = task.permille < 0 ? "" : std::to_string(task.permille / 10) + "%";
  if (!task.stage.empty()) text += (text.empty() ? "" : " ") + task.stage;
  return text;
}

std::string time_of(const TaskView& task, TimePoint now) {
  if (!task.started_at || task.state == "skipped") return {};
  if (task.ended_at) return human_duration(*task.ended_at - *task.started_at);
  if (task.state != "running" || task.unattended) return {};
  return human_duration(std::chrono::floor<std::chrono::seconds>(now - *task.started_at));
}

Table task_table(const std::vector<TaskView>& tasks, TimePoint now, bool all) {
  const std::set<std::string_view> pipelines = pipelines_among(tasks);
  const auto stands_for_others = [&](const TaskView& task) {
    return task.group || pipelines.contains(task.name);
  };
  std::map<std::string_view, std::vector<const TaskView*>> items;  // by what they are in
  for (const TaskView& task : tasks)
    if (stands_for_others(task)) items[task.name];
  std::vector<const TaskView*> rows;  // what is in nothing that is listed
  for (const TaskView& task : tasks) {
    const auto whole = items.find(outermost(task.name));
    if (whole == items.end())
      rows.push_back(&task);
    else if (!stands_for_others(task) || task.state == "failed")
      whole->second.push_back(&task);
  }
  Table table({{"TASK"},
               {"STATE"},
               {"SERVICE", false, true},
               {"TIME", true},
               {"COST", true},
               {"NOTE", false, true}});
  for (const TaskView* row : rows) {
    const std::vector<const TaskView*> none;
    const auto& members = stands_for_others(*row) ? items[row->name] : none;
    const std::string counts = counts_of(members);
    const std::string own = counts.empty() || row->state == "failed" ? note_of(*row) : "";
    add_row(table, *row, own + (own.empty() || counts.empty() ? "" : "; ") + counts, now, false);
    add_items(table, members, now, all);
  }
  return table;
}

}  // namespace weft::cli
