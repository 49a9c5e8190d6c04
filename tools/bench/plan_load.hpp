// SPDX-License-Identifier: Apache-2.0
// Definitions of many tasks, and what it takes to make plans of them: reading, checking, expanding.
#pragma once
#include <cstdint>
#include <string>

#include "model/operation.hpp"

namespace weft::bench {

struct DefinitionText {
  std::string text;
  std::string file;  // its name says the format
};

// Every task is written out: a picture with its own prompt and seed that needs one before it.
DefinitionText written_tasks(std::uint32_t tasks);
// The same in TOML.
DefinitionText written_tasks_toml(std::uint32_t tasks);
// Written out as well: pictures whose prompts are made of an input, each with a clip that is made
// of the picture and has a retry and a timeout.
DefinitionText written_references(std::uint32_t tasks);
// One task with an item for each of a list that the definition has in it.
DefinitionText task_for_each(std::uint32_t items);

class PlanLoad {
 public:
  PlanLoad() : operations_(OperationCatalog::canonical()) {}
  // How many nodes the plan has.
  std::size_t make(const DefinitionText& definition) const;

 private:
  OperationCatalog operations_;
};

}  // namespace weft::bench
