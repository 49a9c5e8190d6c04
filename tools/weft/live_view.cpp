// SPDX-License-Identifier: Apache-2.0
#include "live_view.hpp"

#include <algorithm>
#include <array>

#include "text.hpp"

namespace weft::cli {
namespace {

constexpr int widest_bar = 40;
constexpr int task_bar = 12;
constexpr int least_for_bar = 80;  // terminal columns from which each task shows this
constexpr int least_for_stage = 64;
constexpr int least_for_cost = 52;
constexpr int least_for_service = 40;

// Parts of a line, each with its tone; what goes beyond the width is cut from the end.
class Line {
 public:
  explicit Line(int width, bool color) : left_(width), color_(color) {}
  Line& add(const std::string& part, Tone tone = Tone::plain) {
    const std::string fitting = fit(part, left_);
    left_ -= display_width(fitting);
    text_ += paint(fitting, tone, color_);
    return *this;
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  int left_;
  bool color_;
};

std::string repeat(std::string_view glyph, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += glyph;
  return text;
}

// `part` of `whole` as a bar of `width` columns; the last cell is filled only when all is done.
void add_bar(Line& line, std::uint64_t part, std::uint64_t whole, int width) {
  const auto cells =
      whole == 0 ? 0 : static_cast<int>(part * static_cast<std::uint64_t>(width) / whole);
  line.add(repeat("━", cells), Tone::good).add(repeat("─", width - cells), Tone::faint);
}

std::string header(const LiveState& state, int width) {
  const RunView& run = state.run;
  Line line(width, state.color);
  line.add(one_line(run.pipeline), Tone::strong).add(" " + run.id.substr(0, 13), Tone::faint);
  const Duration elapsed = run.ended_at.value_or(state.now) - run.created_at;
  line.add("  " + human_duration(std::chrono::floor<std::chrono::seconds>(elapsed)));
  if (!run.spent.empty() || !run.limit.empty())
    line.add("  " + (run.spent.empty() ? "nothing spent" : run.spent));
  if (!run.limit.empty()) line.add(" of " + run.limit, Tone::faint);
  if (run.cancelling) line.add("  cancelling", Tone::careful);
  if (run.state == "paused")
    line.add("  paused" + (run.reason.empty() ? "" : " (" + run.reason + ")"), Tone::careful);
  return line.take();
}

std::string overall(const LiveState& state, int width) {
  const auto [done, total] = completion_of(state.run);
  Line line(width, state.color);
  add_bar(line, done, total, std::clamp(width * 2 / 5 - 4, 4, widest_bar));
  line.add(" " + std::to_string(done) + "/" + std::to_string(total), Tone::strong);
  for (const char* word : {"running", "waiting", "failed", "ready", "pending", "cancelled"})
    if (const auto found = state.run.tasks.find(word);
        found != state.run.tasks.end() && found->second > 0)
      line.add("  " + std::to_string(found->second) + " " + word, tone_of(word));
  return line.take();
}

// Columns that all running tasks share, so that they stand below each other.
struct Widths {
  int name = 0;
  int service = 0;
  int stage = 0;
  int elapsed = 0;
};

std::string elapsed_of(const TaskView& task, TimePoint now) {
  return task.started_at
             ? human_duration(std::chrono::floor<std::chrono::seconds>(now - *task.started_at))
             : std::string{};
}

Widths widths_of(const LiveState& state, std::size_t shown, int width) {
  Widths widths;
  for (std::size_t i = 0; i < shown; ++i) {
    const TaskView& task = state.running[i];
    widths.name = std::max(widths.name, display_width(one_line(task.name)));
    widths.service = std::max(widths.service, display_width(one_line(task.service)));
    widths.stage = std::max(widths.stage, display_width(one_line(task.stage)));
    widths.elapsed = std::max(widths.elapsed, display_width(elapsed_of(task, state.now)));
  }
  widths.name = std::min(widths.name, std::max(8, width * 2 / 5));
  widths.service = width < least_for_service ? 0 : std::min(widths.service, width / 4);
  widths.stage = width < least_for_stage ? 0 : std::min(widths.stage, width / 5);
  return widths;
}

std::string percent_of(const TaskView& task) {
  return task.permille < 0 ? std::string{} : std::to_string(task.permille / 10) + "%";
}

std::string running_line(const LiveState& state, const TaskView& task, const Widths& widths,
                         int width) {
  const auto column = [](const std::string& text, int columns) {
    return columns == 0 ? std::string{} : "  " + pad_right(fit(one_line(text), columns), columns);
  };
  Line line(width, state.color);
  line.add(column(task.name, widths.name)).add(column(task.service, widths.service), Tone::busy);
  if (width >= least_for_bar) {
    line.add("  ");
    add_bar(line, static_cast<std::uint64_t>(std::max(0, task.permille)), 1000, task_bar);
  }
  line.add("  " + pad_left(percent_of(task), 4));
  line.add(column(task.stage, widths.stage), Tone::faint);
  line.add("  " + pad_left(elapsed_of(task, state.now), widths.elapsed));
  if (width >= least_for_cost && !task.cost.empty()) line.add("  " + task.cost);
  return line.take();
}

std::string waiting_line(const LiveState& state, const TaskView& task, int width) {
  Line line(width, state.color);
  line.add("  " + one_line(task.name) + "  ");
  line.add(task.why.empty() ? std::string("waiting") : one_line(task.why), Tone::careful);
  return line.take();
}

std::uint64_t count_in(const RunView& run, const char* state) {
  const auto found = run.tasks.find(state);
  return found == run.tasks.end() ? 0 : found->second;
}

}  // namespace

Completion completion_of(const RunView& run) {
  Completion completion{count_in(run, "succeeded") + count_in(run, "skipped"), 0};
  for (const auto& [state, count] : run.tasks) completion.total += count;
  return completion;
}

std::vector<std::string> render(const LiveState& state, int width, int height) {
  std::vector<std::string> lines;
  if (width <= 0 || height <= 0) return lines;
  lines.push_back(header(state, width));
  if (height > 1) lines.push_back(overall(state, width));
  const std::uint64_t all =
      std::max<std::uint64_t>(count_in(state.run, "running"), state.running.size()) +
      std::max<std::uint64_t>(count_in(state.run, "waiting"), state.waiting.size());
  std::size_t room = static_cast<std::size_t>(height) - lines.size();
  if (all > room && room > 0) --room;  // for the last line, which counts the others
  const std::size_t waiting = std::min(state.waiting.size(), std::max<std::size_t>(room / 3, 1));
  const std::size_t running = std::min(state.running.size(), room - std::min(room, waiting));
  const Widths widths = widths_of(state, running, width);
  for (std::size_t i = 0; i < running; ++i)
    lines.push_back(running_line(state, state.running[i], widths, width));
  const std::size_t shown_waiting = std::min(state.waiting.size(), room - running);
  for (std::size_t i = 0; i < shown_waiting; ++i)
    lines.push_back(waiting_line(state, state.waiting[i], width));
  const std::uint64_t hidden = all - running - shown_waiting;
  if (hidden > 0 && lines.size() < static_cast<std::size_t>(height))
    lines.push_back(Line(width, state.color)
                        .add("  … " + std::to_string(hidden) + " more", Tone::faint)
                        .take());
  return lines;
}

}  // namespace weft::cli
