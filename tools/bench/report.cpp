// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdio>

namespace weft::bench {
namespace {

namespace json = boost::json;

// Three significant digits, without an exponent.
std::string number(double value) {
  char text[64];
  const double size = std::abs(value);
  const int digits = size >= 100 || size == 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string holds_text(const Figure& figure) {
  const auto holds = figure.holds();
  return !holds ? "" : *holds ? "yes" : "NO";
}

}  // namespace

std::string goal_text(const Goal& goal) {
  switch (goal.direction) {
    case Goal::Direction::at_least:
      return ">= " + number(goal.limit);
    case Goal::Direction::at_most:
      return "<= " + number(goal.limit);
    case Goal::Direction::none:
      break;
  }
  return {};
}

std::string line_of(const Figure& figure) {
  const std::string spread = number(figure.value.min) + " - " + number(figure.value.max);
  char head[256];
  std::snprintf(head, sizeof head, "%-24s %9s %-9s %-9s %-3s  [%s]", figure.row.c_str(),
                number(figure.value.median).c_str(), figure.unit.c_str(),
                goal_text(figure.goal).c_str(), holds_text(figure).c_str(), spread.c_str());
  std::string line = head;
  for (const auto& [name, value] : figure.calibration) line += "  " + name + " " + number(value);
  if (!figure.note.empty()) line += "  (" + figure.note + ")";
  return line;
}

std::string line_of(const Calibration& calibration) {
  return "fdatasync p50 " + number(calibration.fdatasync_p50_us) + " us, CPU share " +
         number(calibration.cpu_share) + (calibration.is_quiet() ? ", quiet" : ", not quiet");
}

std::string json_of(const std::vector<Figure>& figures) {
  json::array list;
  for (const Figure& figure : figures) {
    json::object calibration;
    for (const auto& [name, value] : figure.calibration) calibration[name] = value;
    if (!figure.note.empty()) calibration["note"] = figure.note;
    json::object entry{{"row", figure.row},
                       {"value", figure.value.median},
                       {"unit", figure.unit},
                       {"goal", goal_text(figure.goal)},
                       {"holds", nullptr},
                       {"spread", json::array{figure.value.min, figure.value.max}},
                       {"calibration", std::move(calibration)}};
    if (const auto holds = figure.holds()) entry["holds"] = *holds;
    list.push_back(std::move(entry));
  }
  return json::serialize(list);
}

}  // namespace weft::bench
