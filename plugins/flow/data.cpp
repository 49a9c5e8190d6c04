// SPDX-License-Identifier: Apache-2.0
#include "data.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <weft/plugin/values.hpp>

namespace flow {
namespace {

weft::error bad_input(const std::string& message) {
  return {WEFT_BAD_INPUT, message};
}

bool is_artifact(const json& value) {
  return value.is_object() && value.contains("$artifact");
}

// What a value is, for people: "artifact", "number", "string".
std::string kind_of(const json& value) {
  return is_artifact(value) ? "artifact" : value.type_name();
}

// `place`: of the entry of `from` that it came out of, for messages.
void add_one(json& list, std::string& kind, std::size_t& count, const json& value,
             std::size_t place, Nulls nulls) {
  if (value.is_null()) {
    if (nulls == Nulls::keep) list.push_back(nullptr);
    return;
  }
  const std::string found = kind_of(value);
  if (kind.empty()) kind = found;
  if (kind != found)
    throw bad_input("params.from[" + std::to_string(place) + "] has a value that is " + found +
                    ", and those before are " + kind + ": a list holds values of one kind");
  list.push_back(value);
  ++count;
}

void lay_over(json& below, const json& above, Arrays arrays) {
  const bool both_objects = below.is_object() && above.is_object();
  if (both_objects && !is_artifact(below) && !is_artifact(above)) {
    for (const auto& [name, value] : above.items()) {
      const auto found = below.find(name);
      if (found == below.end())
        below[name] = value;
      else
        lay_over(*found, value, arrays);
    }
  } else if (arrays == Arrays::append && below.is_array() && above.is_array()) {
    below.insert(below.end(), above.begin(), above.end());
  } else {
    below = above;
  }
}

}  // namespace

json collect(const json& from, Nulls nulls, std::size_t at_least) {
  json list = json::array();
  std::string kind;
  std::size_t count = 0;
  for (std::size_t place = 0; place < from.size(); ++place) {
    const json& entry = from[place];
    if (!entry.is_array()) {
      add_one(list, kind, count, entry, place, nulls);
      continue;
    }
    for (const json& element : entry) add_one(list, kind, count, element, place, nulls);
  }
  if (count < at_least)
    throw bad_input("there are " + std::to_string(count) + " values, and params.at_least is " +
                    std::to_string(at_least));
  return list;
}

void require_one_each(const json& items, const json& scores) {
  if (scores.size() != items.size())
    throw bad_input("there are " + std::to_string(items.size()) + " items and " +
                    std::to_string(scores.size()) + " scores: give one score for each item");
}

json score_in(const json& judgement, std::size_t index) {
  const std::string place = "scores[" + std::to_string(index) + "]";
  if (judgement.is_null() || judgement.is_number()) return judgement;
  if (!judgement.is_object())
    throw bad_input(place + " is " + kind_of(judgement) + ", not a number");
  const auto score = judgement.find("score");
  if (score == judgement.end()) throw bad_input(place + " has no member 'score'");
  return *score;
}

Best pick_best(const json& items, const std::vector<json>& scores, bool lowest) {
  std::optional<Best> best;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].is_null() || scores[i].is_null()) continue;
    if (!scores[i].is_number())
      throw bad_input("the score of items[" + std::to_string(i) + "] is " + kind_of(scores[i]) +
                      ", not a number");
    const auto score = scores[i].get<double>();
    if (!best || (lowest ? score < best->score : score > best->score)) best = Best{i, score};
  }
  if (!best)
    throw bad_input(items.empty() ? "there are no items to choose from"
                                  : "none of the " + std::to_string(items.size()) +
                                        " items has a score: all were skipped or not judged");
  return *best;
}

json merge(const json& objects, Arrays arrays) {
  json merged = json::object();
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].is_null()) continue;
    if (is_artifact(objects[i]))
      throw bad_input("params.objects[" + std::to_string(i) + "] is an artifact, not an object");
    lay_over(merged, objects[i], arrays);
  }
  return merged;
}

json zip(const json& lists, Lengths lengths) {
  std::size_t shortest = lists.empty() ? 0 : lists.front().size(), longest = 0;
  for (const json& list : lists) {
    shortest = std::min(shortest, list.size());
    longest = std::max(longest, list.size());
  }
  if (lengths == Lengths::equal && shortest != longest) {
    std::string said;
    for (const auto& [name, list] : lists.items())
      said += (said.empty() ? "" : ", ") + name + " has " + std::to_string(list.size());
    throw bad_input("the lists are not of one length: " + said +
                    "; set params.lengths to \"shortest\" or \"longest\" if that is right");
  }
  const std::size_t count = lengths == Lengths::longest ? longest : shortest;
  json zipped = json::array();
  for (std::size_t i = 0; i < count; ++i) {
    json object = json::object();
    for (const auto& [name, list] : lists.items())
      object[name] = i < list.size() ? list[i] : json(nullptr);
    zipped.push_back(std::move(object));
  }
  return zipped;
}

}  // namespace flow
