// SPDX-License-Identifier: Apache-2.0
// Projects as the shell has them: their files read, what the store knows of their products, and
// what has to be made.
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "plan/make.hpp"
#include "route/services.hpp"
#include "shell/submission.hpp"
#include "store/views.hpp"
#include "weft/runtime.hpp"

namespace weft::shell {

// A project and all recipes that it uses; its own come first.
struct OpenProject {
  Project project;
  std::vector<Recipe> recipes;
  std::filesystem::path folder;  // of its file
};
result<OpenProject> open_project(const std::filesystem::path& file);

// What the store has of a project.
struct ProductHistory {
  std::vector<store::ProductRow> rows;  // the oldest first
  std::vector<store::ProductMark> marks;
  std::set<TaskRef> gone;  // who made versions of which the bytes are lost
};
// What cannot be read counts as not there. Names it.
std::vector<std::string> take_out_damaged(ProductHistory& history);

// What is there of what was asked for, and what is to be made.
struct Preparation {
  OpenProject opened;  // the rest refers to it
  Products products;
  KnownProducts known;
  std::vector<MakeStep> steps;
  MadeDefinition made;
  Submission submission;  // of what is to be made
  bool only = false;      // the goals alone

  std::uint32_t to_make() const;
};

// Kind `conflict`: nobody knows what became of it there.
Error may_have_been_bought(const std::string& product, const std::string& run);

// Everything but the plan itself. `take_file` is asked for each file of the project that is needed.
// Kind `conflict` when something to be made may have been bought already.
result<std::unique_ptr<Preparation>> prepare(const Making& making, OpenProject opened,
                                             const ProductHistory& history,
                                             const OperationCatalog& operations,
                                             const TakeFile& take_file);
// The plan, which knows its products. Mistakes are reported where the recipes stand.
result<Planned> plan_products(const Making& making, const Preparation& preparation,
                              const Environment& environment, const Services& services,
                              const TakeFile& take_file, DefinitionMemory& definitions);
MakingView show_making(const Preparation& preparation);
// Adds who would be asked, and what the plan of these products takes; `history` is what forecast()
// takes.
void show_outlook(const Preparation& preparation, const Plan& plan,
                  const route::ServiceTable& services, std::span<const ServiceMinute> history,
                  MakingView& view);

// What an unfinished run has to do with what is to be made now.
struct Overlap {
  bool covers = false;             // it makes all of that, as it is to be
  bool meets = false;              // it makes some of that, or made it another way
  std::vector<std::string> still;  // the products that it has not made yet
};
// What the unfinished runs of the project have to do with it. Nothing, when nothing is to be made.
struct Standing {
  std::optional<RunId> giving_way;                    // to a run that may not be there yet
  std::optional<RunId> covering;                      // else: it is carried on
  std::vector<std::pair<RunId, Overlap>> in_the_way;  // else: they have to give way
};
Standing standing_of(const ProductHistory& history, const Preparation& preparation);
// The same project asked for what `overlap` has still to make as well, as far as it knows of it.
void ask_for_more(const Overlap& overlap, const OpenProject& opened,
                  const OperationCatalog& operations, Making& making);

// The versions that would be taken as the project is now, of all products that have any.
std::set<TaskRef> current_versions(const OpenProject& opened, const ProductHistory& history,
                                   const OperationCatalog& operations, const TakeFile& take_file);

// What would be known of the products when nothing is asked for.
KnownProducts known_products(const ProductHistory& history);

}  // namespace weft::shell
