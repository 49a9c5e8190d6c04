// SPDX-License-Identifier: Apache-2.0
// What of the products asked for is there already, what has to be made and why, and the definition
// that makes it. Pure.
//
// A product is taken as it is when a version of it was made with the same settings of the same
// inputs, whatever the clock says; or when it is pinned. What was bought is never made again for a
// date, nor because something was changed and changed back.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "model/artifact.hpp"
#include "model/plan.hpp"
#include "plan/goal.hpp"

namespace weft {

// What went into a version of a product, at one place of one of its inputs.
struct MadeOf {
  std::string product;           // "" of a version that does not know
  bool file = false;             // it was one of the project
  std::optional<Digest> digest;  // none: it was to be made first, and is not there yet
};

// A version of a product.
struct KnownProduct {
  TaskRef task;                                       // that made it
  json::object settings;                              // as settings_of() said then
  std::map<std::string, std::vector<MadeOf>> inputs;  // by input
  ArtifactInfo artifact;
};

struct KnownProducts {
  // The versions of each that were not rejected, the newest first; of a pinned one that alone.
  std::map<std::string, std::vector<KnownProduct>, std::less<>> made;
  std::set<std::string, std::less<>> pinned;
  Rejections rejected;
  // Files of the project, by product.
  std::map<std::string, ArtifactInfo, std::less<>> files;
  // Products that may have been bought, but nobody knows: "shot_3_video of run 0193…".
  std::map<std::string, std::string, std::less<>> unsure;
};

struct MakeOptions {
  std::set<std::string, std::less<>> force;  // made anew in any case
  // Make what is asked for alone: of what it is made of, whatever version there is.
  bool only = false;
};

// What becomes of a product; one for each of Products::all.
struct MakeStep {
  bool needed = false;  // for the goals, or for what has to be made for them
  bool make = false;
  std::string reason;                    // "prompt changed", "missing", "pinned"; one clause
  std::optional<ArtifactInfo> artifact;  // of one that is taken
  std::optional<TaskRef> version;        // the same; none of a file
};

std::vector<MakeStep> decide(const Products& products, const KnownProducts& known,
                             const MakeOptions& options);

// What a product depends on beside its inputs: operation, output, params.
json::object settings_of(const Product& product);

// A definition, in its JSON form, whose tasks make all that the steps say. What is taken comes in
// as inputs.
struct MadeDefinition {
  json::object definition;
  std::map<std::string, std::string> inputs;  // its inputs, by name: which product that is
  std::map<std::string, std::string> tasks;   // its tasks, by name: which product they make
};
MadeDefinition define(const std::string& name, const Products& products,
                      const std::vector<MakeStep>& steps);

// One of PlannedProduct::inputs, as MadeOf is written: of what is made first, by its task.
json::object input_record(const std::string& product, TaskNo task);
json::object input_record(const std::string& product, const Digest& digest, bool file);

// Notes in a plan that was made of such a definition which of its tasks make which products.
void note_products(Plan& plan, const std::string& project, const Products& products,
                   const std::vector<MakeStep>& steps, const MadeDefinition& made);

}  // namespace weft
