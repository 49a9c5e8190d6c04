// SPDX-License-Identifier: Apache-2.0
#include "route/adapt.hpp"

#include <algorithm>
#include <cmath>

namespace weft::route {
namespace {

std::optional<double> number_in(const json::value& value) {
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  if (value.is_double()) return value.get_double();
  return std::nullopt;
}

std::optional<double> number_in(const json::value& part, std::string_view keyword) {
  const json::value* value = find_member(part, keyword);
  return value ? number_in(*value) : std::nullopt;
}

std::optional<json::value> nearest_of(const json::array& list, double asked) {
  std::optional<json::value> best;
  double distance = 0, value = 0;
  for (const json::value& one : list) {
    const auto number = number_in(one);
    if (!number) continue;
    const double here = std::abs(*number - asked);
    if (best && (here > distance || (here == distance && *number < value))) continue;
    best = one, distance = here, value = *number;
  }
  return best;
}

// The nearest number within bounds and steps.
std::optional<json::value> nearest_within(const json::value& part, double asked) {
  const json::value* type = find_member(part, "type");
  const bool whole = type && *type == "integer";
  const double step = number_in(part, "multipleOf").value_or(whole ? 1 : 0);
  double least = number_in(part, "minimum").value_or(-HUGE_VAL);
  double most = number_in(part, "maximum").value_or(HUGE_VAL);
  if (const auto above = number_in(part, "exclusiveMinimum"))
    least = std::max(least, *above + step);
  if (const auto below = number_in(part, "exclusiveMaximum")) most = std::min(most, *below - step);
  double value = std::clamp(asked, std::min(least, most), most);
  if (step > 0) {
    value = std::floor(value / step + 0.5) * step;
    if (value > most) value -= step;
    if (value < least) value += step;
  }
  constexpr double exact_below = 9007199254740992.0;  // 2^53
  if (!std::isfinite(value) || std::abs(value) >= exact_below) return std::nullopt;
  if (whole) return json::value(static_cast<std::int64_t>(value));
  return json::value(value);
}

// None: it is left out.
std::optional<json::value> nearest(const json::value* part, const json::value& asked) {
  const auto number = number_in(asked);
  if (!part || !part->is_object() || !number) return std::nullopt;
  if (const json::value* list = find_member(*part, "enum"); list && list->is_array())
    return nearest_of(list->get_array(), *number);
  return nearest_within(*part, *number);
}

void change(const Schema& service, const std::string& param, Adapted& adapted) {
  const json::value asked = adapted.params.at(param);
  const std::string pointer = "/" + param;  // a name needs no escape
  std::optional<json::value> given = nearest(service.part_for(pointer), asked);
  if (given)
    adapted.params[param] = *given;
  else
    adapted.params.erase(param);
  adapted.losses.push_back({param, asked, std::move(given)});
}

}  // namespace

std::optional<Adapted> adapt(const Schema& service, const json::object& params,
                             std::span<const std::string> free) {
  Adapted adapted{params, {}};
  for (const Violation& violation : service.validate(params)) {
    const std::string param = violation.pointer.substr(std::min<std::size_t>(
        violation.pointer.size(), 1));  // what lies deeper is no name that may be free
    if (std::find(free.begin(), free.end(), param) == free.end()) return std::nullopt;
    const bool is_new = std::none_of(adapted.losses.begin(), adapted.losses.end(),
                                     [&](const Loss& loss) { return loss.param == param; });
    if (is_new && adapted.params.contains(param)) change(service, param, adapted);
  }
  if (adapted.losses.empty()) return adapted;
  json::value changed(std::move(adapted.params));
  service.convert_numbers(changed);
  if (!service.validate(changed).empty()) return std::nullopt;
  adapted.params = std::move(changed.get_object());
  return adapted;
}

std::string text_of(const std::vector<Loss>& losses) {
  std::string text;
  for (const Loss& loss : losses) {
    if (!text.empty()) text += ", ";
    text += loss.param;
    if (loss.given)
      text += " " + canonical(loss.asked) + " becomes " + canonical(*loss.given);
    else
      text += " left out";
  }
  return text;
}

}  // namespace weft::route
