// SPDX-License-Identifier: Apache-2.0
// Backwards from what is asked for to all that it is made of: the products of a project, each with
// its recipe, its params and what it needs. Pure; says nothing of what exists already.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/operation.hpp"
#include "plan/project.hpp"
#include "plan/recipe.hpp"

namespace weft {

struct Product {
  // What goes into one input of the operation: places in Products::all.
  struct Use {
    std::string input;
    bool list = false;
    std::vector<std::uint32_t> products;
  };
  std::string name;                   // "shot/3/video"
  const Recipe* recipe = nullptr;     // null: a file of the project is it
  const ProjectFile* file = nullptr;  // that one
  std::string output;                 // of the operation
  json::object params;                // evaluated
  std::vector<Use> inputs;
};

struct Products {
  std::vector<Product> all;          // each stands after what it is made of
  std::vector<std::uint32_t> goals;  // places in `all`, in the order asked for
};

// How often versions of a product were rejected, by its name; recipes see it as `rejected`.
using Rejections = std::map<std::string, std::uint32_t, std::less<>>;

// `goals` are names, or patterns with a "*". The first recipe that fits a product makes it. What is
// referred to must outlive the answer. Kind `not_found` for a product that nothing makes, with what
// it would be needed for; `invalid` for a ring, a wrong recipe, or an expression that fails.
result<Products> find_products(const Project& project, std::span<const Recipe> recipes,
                               const OperationCatalog& operations,
                               std::span<const std::string> goals, const Rejections& rejected);

}  // namespace weft
