// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <algorithm>
#include <ostream>

#include "base/text.hpp"
#include "json_views.hpp"
#include "text.hpp"

namespace weft::cli {
namespace {

constexpr std::size_t shown_troubles = 10;

std::string output_text(Runtime& runtime, const OutputItem& item, const Saved& saved) {
  std::string text = "  " + item.name + "  ";
  const auto place = std::find_if(saved.begin(), saved.end(),
                                  [&](const auto& entry) { return entry.first == item.name; });
  if (item.digest.empty()) {
    text += excerpt(one_line(item.json)) + "\n";
  } else {
    text += file_name_of(item) + ", " + item.media_type + ", " + size_to_string(item.size_bytes) +
            ", " + short_digest(item.digest) + "\n";
    if (const auto path = runtime.artifact(item.digest)) text += "    " + path->string() + "\n";
    if (place == saved.end())
      text += "    weft artifact get " + short_digest(item.digest) + " -o " +
              shell_word(file_name_of(item)) + "\n";
  }
  return place == saved.end() ? text : text + "    saved to " + place->second.string() + "\n";
}

// The tasks that keep a run from ending well, with what they say.
std::string troubles_text(Context& context, Runtime& runtime, const RunView& run) {
  std::string text;
  for (const char* state : {"failed", "waiting"}) {
    const auto tasks = runtime.tasks(
        run.id, {.state = state, .limit = static_cast<std::uint32_t>(shown_troubles)});
    if (!tasks) continue;
    for (const TaskView& task : *tasks)
      text += "  " + task.name + "  " + paint(state, tone_of(state), context.color()) +
              (task.why.empty() ? "" : "  " + one_line(task.why)) + "\n";
    const auto all = run.tasks.find(state);
    if (all != run.tasks.end() && all->second > tasks->size())
      text += "  … " + std::to_string(all->second - tasks->size()) + " more " + state + "\n";
  }
  return text;
}

std::string advice(const RunView& run) {
  if (!run.replaced_by.empty())
    return "it gives way to run " + run.replaced_by +
           ", with which another 'weft make' goes on\nfollow that: weft events -f " +
           run.replaced_by + "\n";
  const std::string why = "look closer: weft why " + run.id + " TASK\n";
  if (run.state == "failed") return why + "try again:   weft retry " + run.id + "\n";
  if (run.state == "paused")
    return "go on: weft resume " + run.id +
           (run.reason == "budget" ? " --max-cost AMOUNT\n" : "\n");
  return run.state == "active" ? why + "then:        weft resume " + run.id + "\n" : std::string{};
}

void print_end(Context& context, Runtime& runtime, const RunView& run, const Saved& saved) {
  std::ostream& out = context.out();
  if (context.options.quiet) {
    for (const OutputItem& item : output_items(run.outputs_json))
      out << item.name << "\t" << (item.digest.empty() ? item.json : item.digest) << "\n";
    return;
  }
  out << "run " << run.id << " " << outcome_sentence(run) << "\n";
  for (const OutputItem& item : output_items(run.outputs_json))
    out << output_text(runtime, item, saved);
  for (const auto& [name, why] : run.output_errors)
    out << "  " << name << "  " << paint("missing", Tone::bad, context.color()) << "  "
        << one_line(why) << "\n";
  if (exit_code_of(run) == 1) out << troubles_text(context, runtime, run) << advice(run);
  out << std::flush;
}

}  // namespace

int exit_code_of(const RunView& run) {
  if (run.state == "succeeded") return 0;
  return run.state == "degraded" ? 6 : 1;
}

std::string outcome_sentence(const RunView& run) {
  std::string text = run.state;
  if (run.state == "active" && run.tasks.contains("waiting")) text = "waits for you";
  if (!run.reason.empty()) text += " (" + run.reason + ")";
  if (run.ended_at) text += " in " + human_duration(*run.ended_at - run.created_at);
  if (!run.spent.empty()) text += ", " + run.spent;
  if (!run.spent.empty() && !run.limit.empty()) text += " of " + run.limit;
  return text;
}

result<int> report_end(Context& context, Runtime& runtime, const RunView& run,
                       const std::vector<SaveTarget>& targets) {
  const auto saved = save_outputs(runtime, run, targets);
  const int code = saved ? exit_code_of(run) : exit_code(saved.error());
  const Saved places = saved ? *saved : Saved{};
  if (context.options.json) {
    json::object files;
    for (const auto& [name, file] : places) files[name] = file.string();
    context.print(json::object{
        {"type", "end"}, {"run", to_json(run)}, {"saved", std::move(files)}, {"exit_code", code}});
  } else {
    print_end(context, runtime, run, places);
  }
  if (!saved) return saved.error();
  return code;
}

}  // namespace weft::cli
