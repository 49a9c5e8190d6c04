// SPDX-License-Identifier: Apache-2.0
// What is done with JSON values: pure functions, which throw weft::error (WEFT_BAD_INPUT) when the
// values do not fit. An artifact in them, {"$artifact": ...}, is one opaque value.
#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <vector>

namespace flow {

using nlohmann::json;

enum class Nulls { drop, keep };
// One list of the values in `from` and of the elements of the lists in it. All that are not null
// must be of one kind, and there must be `at_least` of them.
json collect(const json& from, Nulls nulls, std::size_t at_least);

void require_one_each(const json& items, const json& scores);
// The score in one of `scores`: itself when it is a number or null, else its member "score".
json score_in(const json& judgement, std::size_t index);

struct Best {
  std::size_t index = 0;
  double score = 0;
};
// `scores`: for each of `items` a number or null. The first of those with the best score; neither
// an item nor a score that is null is chosen.
Best pick_best(const json& items, const std::vector<json>& scores, bool lowest);

enum class Arrays { replace, append };
// Objects in order, each laid over those before: objects are merged member by member, a null among
// `objects` is passed over, any other value replaces what was there (also one that is null).
json merge(const json& objects, Arrays arrays);

enum class Lengths { equal, shortest, longest };
// A list of objects with the members of `lists`, the n-th with the n-th element of each.
json zip(const json& lists, Lengths lengths);

}  // namespace flow
