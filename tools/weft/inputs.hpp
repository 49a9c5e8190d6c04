// SPDX-License-Identifier: Apache-2.0
// What -i and -o mean.
#pragma once
#include <weft/runtime.hpp>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace weft::cli {

// The inputs of `-i name=value`, each given once:
//   name=value      what the definition declares: the text as it stands for a string, else JSON
//   name=@a.json    the JSON value in that file
//   name=@a.png     any other file is an artifact; given several times the input is their list
// Files are looked at, so that a slip of the pen is found before anything is submitted.
result<std::map<std::string, GivenInput>> parse_inputs(const std::vector<std::string>& given);

// Where an output of a run is to be saved.
struct SaveTarget {
  std::string output;  // its name; "": the only one there is
  std::filesystem::path file;
};
// `-o FILE` and `-o NAME=FILE`; the folders must exist: a result that took an hour is not to be
// lost to a slip of the pen.
result<std::vector<SaveTarget>> parse_save_targets(const std::vector<std::string>& given);

// The whole text of a file.
result<std::string> read_text(const std::filesystem::path& file);

}  // namespace weft::cli
