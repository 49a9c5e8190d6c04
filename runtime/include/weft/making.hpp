// SPDX-License-Identifier: Apache-2.0
// Part of <weft/runtime.hpp>: asking for a result, and getting what is missing of it
// (Runtime::plan_making, Runtime::make).
#pragma once
#include <weft/projection.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace weft {

// What shall be there afterwards.
struct Making {
  std::filesystem::path project;   // the project's file; its paths are relative to it
  std::vector<std::string> goals;  // products: "film", "shot/3/upscaled", "shot/*/video";
                                   // none: what the project says
  std::vector<std::string> force;  // products that are made anew in any case
  bool only = false;     // make the goals alone; of what they are made of, take what is there
  std::string max_cost;  // "5.00" or "5.00 EUR": the limit of the run; "": none
  std::int32_t priority = 0;
  // The run of an earlier make() of the same that has given way to another one: what either has
  // made is not forced again, and what is left of its limit is the limit. "": none.
  std::string instead_of;
};

// A product that the goals need.
struct MadeProductView {
  std::string name;       // "shot/3/video"
  std::string operation;  // "": a file of the project
  bool make = false;      // else there is a version that is taken
  std::string reason;     // why: "missing", "prompt changed", "up to date", "pinned", "yours"
  std::string task;       // of one that is made: the run's task
  std::vector<std::string> made_of;
  std::vector<std::string> services;  // of one that is made: who would be asked, the first first
  std::string estimate;               // of the first one: "0.04 USD", "free"; "": unknown
  std::string digest;                 // of one that is taken: its artifact
  ForecastView forecast = {};         // of one that is made: by the first of its services
};

struct MakingView {
  std::string project;
  std::vector<MadeProductView> products;  // each after what it is made of
  std::vector<std::string> goals;         // their names
  std::uint32_t to_make = 0;
  std::string cost;                 // of all that are made, as far as prices are known
  std::uint32_t unknown_costs = 0;  // how many have no known price
  ProjectionView projection;        // of all that are made; its tasks are products
  // The run that makes it; of a plan, one of this project that has not ended and would be carried
  // on or replaced. "": there is none, or there is nothing to make.
  std::string run;
  bool carries_on = false;  // it was under way already, and makes all that is missing
  // What a run may spend that replaces others, when nobody says it: the least that those had left
  // of their limits. "": as was asked.
  std::string limit;
};

// One version of a product of a project.
struct ProductVersionView {
  std::string name;
  std::string run;       // that makes or made it
  std::string task;      // its task there
  std::string state;     // of the task
  bool current = false;  // make() takes it, as the project is now
  bool pinned = false;
  bool rejected = false;
  std::string digest;  // of one that succeeded
  std::string media_type;
  std::string file_name;
};

// What is said of a version of a product.
enum class ProductWord {
  pin,  // it is taken whatever changes
  unpin,
  reject,  // it is made anew, with a new seed where the recipe uses `rejected`
  touch,   // it counts as made with the project as it is now
};

}  // namespace weft
