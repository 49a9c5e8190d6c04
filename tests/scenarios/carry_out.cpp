// SPDX-License-Identifier: Apache-2.0
#include <boost/json/serialize.hpp>
#include <functional>
#include <sstream>
#include <stdexcept>

#include "scenario.hpp"

namespace weft::testing {
namespace {

using engine::testing::World;

Duration duration_of(const std::string& text) {
  return parse_duration(text).value();
}

// "task.started a attempt=1 service=x": what an event shows; data in the order of its keys.
std::string shown(const EventRecord& event, const Plan& plan) {
  std::ostringstream text;
  text << event.type;
  if (event.task) text << ' ' << display_name(plan, *event.task);
  return text.str();
}

// Type and task are the same, and the event has each `key=value` that is asked for.
bool matches(const std::string& wanted, const EventRecord& event, const Plan& plan) {
  const std::string head = shown(event, plan);
  if (wanted.compare(0, head.size(), head) != 0) return false;
  std::string rest = wanted.substr(head.size());
  if (!rest.empty() && rest.front() != ' ') return false;
  std::istringstream pairs(rest);
  for (std::string pair; pairs >> pair;) {
    const auto equals = pair.find('=');
    const json::value* value = event.data.if_contains(pair.substr(0, equals));
    if (equals == std::string::npos || !value) return false;
    const std::string have =
        value->is_string() ? std::string(value->as_string()) : json::serialize(*value);
    if (have != pair.substr(equals + 1)) return false;
  }
  return true;
}

class Play {
 public:
  explicit Play(const Scenario& scenario)
      : scenario_(scenario), world_(scenario.services, scenario.slots) {}

  std::string all() {
    for (const Step& step : scenario_.steps) {
      try {
        act(step);
      } catch (const std::exception& error) {
        return at(step) + error.what();
      }
      if (const std::string wrong = compare(step); !wrong.empty()) return at(step) + wrong;
    }
    return {};
  }

 private:
  static std::string at(const Step& step) {
    return "line " + std::to_string(step.line) + " (" + step.action + "): ";
  }

  std::string text(const Step& step, std::string_view key) const {
    return step.args[key].value_or(std::string());
  }

  void act(const Step& step) {
    static const std::map<std::string, void (Play::*)(const Step&)> actions{
        {"submit", &Play::submit},     {"succeed", &Play::succeed},
        {"end", &Play::end},           {"checkpoint", &Play::checkpoint},
        {"advance", &Play::advance},   {"crash", &Play::crash},
        {"services", &Play::services}, {"pause", &Play::command},
        {"resume", &Play::command},    {"cancel", &Play::command},
        {"retry", &Play::command},     {"skip", &Play::command},
        {"settle", &Play::command},    {"attached", &Play::attached},
    };
    const auto action = actions.find(step.action);
    if (action == actions.end()) throw std::runtime_error("there is no such action");
    (this->*action->second)(step);
  }

  void submit(const Step&) { run_ = world_.submit(scenario_.definition, scenario_.max_cost); }
  void succeed(const Step& step) {
    MaybeMoney cost;
    if (const auto given = text(step, "cost"); !given.empty())
      cost = Money::parse(given, "USD").value();
    world_.succeed(run_, text(step, "task"), step.args["value"].value_or(std::int64_t{1}), cost);
  }
  void end(const Step& step) {
    const auto outcome = outcome_from_string(text(step, "outcome"));
    if (!outcome) throw std::runtime_error("there is no such outcome");
    const std::string wait = text(step, "retry_after");
    world_.end(run_, text(step, "task"), *outcome, "it broke",
               wait.empty() ? Duration{} : duration_of(wait));
  }
  void checkpoint(const Step& step) {
    world_.checkpoint(run_, text(step, "task"), text(step, "token"));
  }
  void advance(const Step& step) { world_.advance(duration_of(text(step, "by"))); }
  void crash(const Step&) { world_.crash(); }
  void services(const Step& step) {
    world_.change_services(read_services(*step.args["list"].as_array()), scenario_.slots);
  }
  // The newest job that was attached has this token.
  void attached(const Step& step) {
    if (world_.attached.empty()) throw std::runtime_error("nothing was attached");
    if (world_.attached.back().second != text(step, "token"))
      throw std::runtime_error("attached with '" + world_.attached.back().second + "'");
  }

  void command(const Step& step) {
    static const std::map<std::string, CommandKind> kinds{
        {"pause", CommandKind::pause},   {"resume", CommandKind::resume},
        {"cancel", CommandKind::cancel}, {"retry", CommandKind::retry},
        {"skip", CommandKind::skip},     {"settle", CommandKind::settle}};
    Command command;
    command.run = run_;
    command.kind = kinds.at(step.action);
    if (const auto task = text(step, "task"); !task.empty())
      command.task = world_.number(run_, task);
    command.rebuy = step.args["rebuy"].value_or(false);
    command.bought = step.args["bought"].value_or(false);
    if (const auto limit = text(step, "limit"); !limit.empty())
      command.limit = Money::parse(limit, "USD").value();
    const CommandAnswer answer = world_.give(command);
    const std::string wanted = text(step, "answer");
    if (answer.text.find(wanted) == std::string::npos)
      throw std::runtime_error("the answer is: " + answer.text);
    if (answer.done != step.args["done"].value_or(true))
      throw std::runtime_error("done or refused, against what is written: " + answer.text);
  }

  // Everything that has been logged since the last step, and the states that are asked for.
  std::string compare(const Step& step) {
    const auto& durable = world_.stored(run_);
    std::ostringstream wrong;
    std::size_t i = 0;
    for (; seen_ < durable.events.size(); ++seen_, ++i) {
      const EventRecord& event = durable.events[seen_];
      if (i < step.events.size() && matches(step.events[i], event, *durable.plan)) continue;
      wrong << "\n  event  " << shown(event, *durable.plan) << ' ' << json::serialize(event.data)
            << "\n  wanted " << (i < step.events.size() ? step.events[i] : "nothing more");
    }
    for (; i < step.events.size(); ++i) wrong << "\n  no event, wanted " << step.events[i];
    for (const auto& [task, state] : step.states) {
      const std::string_view have =
          task == "run" ? to_string(world_.state(run_)) : to_string(world_.state(run_, task));
      if (have != state) wrong << "\n  " << task << " is " << have << ", wanted " << state;
    }
    return wrong.str();
  }

  const Scenario& scenario_;
  World world_;
  RunId run_;
  std::size_t seen_ = 0;
};

}  // namespace

std::string carry_out(const Scenario& scenario) {
  return Play(scenario).all();
}

}  // namespace weft::testing
