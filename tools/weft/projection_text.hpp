// SPDX-License-Identifier: Apache-2.0
// What a plan takes of time and money, for people and as JSON.
#pragma once
#include <weft/projection.hpp>

#include <string>
#include <vector>

#include "base/json.hpp"
#include "table.hpp"

namespace weft::cli {

// Which of it is asked for.
struct Projected {
  bool cost = false;
  bool time = false;
};

// The columns that show it, to stand between the others of a table.
std::vector<Column> projection_columns(const Projected& asked);
// The cells under them. `estimate` may be "": unknown. `counts`: false for a group, or for what is
// there already.
std::vector<Cell> projection_cells(const Projected& asked, const std::string& estimate,
                                   const ForecastView& forecast, bool counts);

// Those that a sum leaves out.
struct Unforeseen {
  std::vector<std::string> cost;
  std::vector<std::string> time;
  void add(const std::string& name, const std::string& estimate, const ForecastView& forecast);
};
// The sums, each with what it leaves out. `noun`: "task", "product".
std::string projection_text(const Projected& asked, const ProjectionView& projection,
                            const Unforeseen& unforeseen, std::string_view noun);

json::object to_json(const ForecastView& forecast);
json::object to_json(const ProjectionView& projection);

}  // namespace weft::cli
