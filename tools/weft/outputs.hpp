// SPDX-License-Identifier: Apache-2.0
// The outputs of a run, one by one, and their way into files.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "inputs.hpp"

namespace weft::cli {

// Something in the outputs of a run: an artifact, or any other value.
struct OutputItem {
  std::string name;    // "film", or "clips[2]" for one of a list
  std::string digest;  // of an artifact; else ""
  std::string file_name;
  std::string media_type;
  std::uint64_t size_bytes = 0;
  std::string json;  // of any other value
};
// The outputs in their order; a list of artifacts becomes an item for each.
std::vector<OutputItem> output_items(const std::string& outputs_json);
// A name for its file: the artifact's own without any folder, else the beginning of its digest.
std::string file_name_of(const OutputItem& item);

// Is each target the name of one of these outputs, or the only one? So that a slip of the pen is
// found before the run.
result<void> check_targets(const std::vector<SaveTarget>& targets,
                           const std::vector<std::string>& names);

// What went where: the name of an item and its file.
using Saved = std::vector<std::pair<std::string, std::filesystem::path>>;
// Copies outputs to files. A list goes into a folder, one file for each item. Nothing is saved of a
// run that has no outputs yet; kind `failed`, after the others, for one that could not be
// evaluated.
result<Saved> save_outputs(Runtime& runtime, const RunView& run,
                           const std::vector<SaveTarget>& targets);

}  // namespace weft::cli
