// SPDX-License-Identifier: Apache-2.0
// weft why: one page about one task.
#include <ostream>

#include "base/text.hpp"
#include "commands.hpp"
#include "json_views.hpp"
#include "task_table.hpp"

namespace weft::cli {
namespace {

struct WhyOptions {
  std::string run;
  std::string task;
};

std::string plain(const json::value& value) {
  return value.is_string() ? one_line(value.get_string()) : readable(value);
}

// Everything a decision says of a candidate besides its name, and that it is excluded, for which
// there is a column: "breaker open", "score 0.8, cost 0.04 USD".
std::string remarks_of(const json::object& candidate) {
  std::string text;
  for (const auto& [key, value] : candidate) {
    if (key == "service" || value.is_null()) continue;
    text += text.empty() ? "" : ", ";
    text += (key == "excluded" ? "" : std::string(key) + " ") + plain(value);
  }
  return text;
}

void print_decision(Context& context, const TaskDetail& detail) {
  const json::value decision = parsed(detail.decision_json);
  const json::value* candidates = find_member(decision, "candidates");
  if (!candidates || !candidates->is_array()) return;
  Table table({{"CANDIDATE"}, {"CHOICE"}, {"WHY", false, true}});
  for (const json::value& candidate : candidates->get_array()) {
    const json::value* service = find_member(candidate, "service");
    if (!service) continue;
    const std::string name = plain(*service);
    const bool chosen = name == detail.task.service;
    const bool excluded = find_member(candidate, "excluded") != nullptr;
    table.add({{name, chosen ? Tone::strong : Tone::plain},
               {chosen     ? "chosen"
                : excluded ? "excluded"
                           : "",
                chosen ? Tone::good : Tone::faint},
               {remarks_of(candidate.get_object())}});
  }
  if (table.empty()) return;
  context.out() << "\nThe newest decision:\n"
                << table.to_string(context.width(), context.color(), 2);
}

void print_attempts(Context& context, const TaskDetail& detail, TimePoint now) {
  if (detail.attempts.empty()) return;
  Table table({{"ATTEMPT", true},
               {"SERVICE"},
               {"OUTCOME"},
               {"STARTED"},
               {"TIME", true},
               {"COST", true},
               {"CPU", true},
               {"MEMORY", true},
               {"VRAM", true},
               {"PLACE", true},
               {"MESSAGE", false, true}});
  for (const AttemptView& attempt : detail.attempts) {
    const auto end = attempt.ended_at.value_or(now);
    table.add({{std::to_string(attempt.number)},
               {attempt.service},
               {attempt.outcome.empty() ? state_of(detail.task) : attempt.outcome,
                attempt.outcome.empty()   ? Tone::busy
                : attempt.outcome == "ok" ? Tone::good
                                          : Tone::bad},
               {clock_time(attempt.started_at), Tone::faint},
               {human_duration(end - attempt.started_at)},
               {attempt.cost + (attempt.cost_estimated ? " (estimated)" : "")},
               {human_cpu(attempt.usage.cpu_ms)},
               {human_size(attempt.usage.memory_bytes)},
               {human_size(attempt.usage.gpu_memory_bytes)},
               {attempt.usage.queue_place > 0 ? std::to_string(attempt.usage.queue_place) : ""},
               {attempt.message}});
  }
  context.out() << "\nAttempts:\n" << table.to_string(context.width(), context.color(), 2);
}

// A file as people know it: its name and what it is.
std::string shown(const json::value& value) {
  const json::value* digest = find_member(value, "$artifact");
  if (!digest) return excerpt(plain(value), 200);
  const json::value* name = find_member(value, "name");
  const json::value* type = find_member(value, "media_type");
  return (name ? plain(*name) + ", " : "") + (type ? plain(*type) + ", " : "") +
         "weft artifact get " + short_digest(plain(*digest));
}

// What is to be looked at before somebody answers.
void print_question(Context& context, const TaskDetail& detail) {
  const json::value question = parsed(detail.question_json);
  std::ostream& out = context.out();
  if (const json::value* inputs = find_member(question, "inputs"); inputs && inputs->is_object()) {
    out << "\nTo look at:\n";
    for (const auto& [name, value] : inputs->get_object())
      out << "  " << std::string(name) << "  " << shown(value) << "\n";
  }
  const json::value* choices = find_member(question, "choices");
  if (!choices || !choices->is_array()) return;
  out << "\nTo choose from:\n";
  std::size_t number = 0;
  for (const json::value& choice : choices->get_array())
    out << "  " << number++ << "  " << shown(choice) << "\n";
}

void print_page(Context& context, const TaskDetail& detail) {
  std::ostream& out = context.out();
  const TaskView& task = detail.task;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  out << paint(task.name, Tone::strong, context.color()) << "  " << task.operation << "  "
      << paint(state_of(task), tone_of(state_of(task)), context.color());
  if (task.state == "running" && !task.service.empty()) out << " at " << task.service;
  out << "\n";
  if (const std::string note = note_of(task); !note.empty()) out << "  " << one_line(note) << "\n";
  for (const std::string& line : detail.cache)
    out << (line.starts_with(' ') ? "    " : "  ") << one_line(line) << "\n";
  print_question(context, detail);
  print_decision(context, detail);
  print_attempts(context, detail, now);
  if (!detail.outputs_json.empty())
    out << "\nOutputs:\n  " << excerpt(readable(parsed(detail.outputs_json)), 2000) << "\n";
  out << std::flush;
}

result<int> why(Context& context, const WhyOptions& options) {
  auto runtime = context.open(Role::client);
  if (!runtime) return runtime.error();
  return show_task(context, **runtime, options.run, options.task);
}

}  // namespace

result<int> show_task(Context& context, Runtime& runtime, const std::string& run,
                      const std::string& task) {
  const auto detail = runtime.task(run, task);
  if (!detail) return detail.error();
  if (context.options.json)
    context.print(to_json(*detail));
  else
    print_page(context, *detail);
  return 0;
}

void add_why_command(CLI::App& app, Context& context) {
  const auto options = std::make_shared<WhyOptions>();
  CLI::App& command =
      add_command(app, context, "why",
                  "Tell on one page why a task waits, or why it went where it did", options, why);
  command.add_option("RUN", options->run, "Its id, or a beginning that only it has")->required();
  command.add_option("TASK", options->task, "Its name: 'video[3]'")->required();
  command.footer("Example:\n  weft why 0192f0c1-abcd 'video[3]'");
}

}  // namespace weft::cli
