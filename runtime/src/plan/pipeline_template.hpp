// SPDX-License-Identifier: Apache-2.0
// Templates: definitions with typed parameters, from which people begin one of their own. Pure.
//
//   description = "Pictures made larger"
//   definition  = '''
//   [pipeline]
//   name = {{name}}
//   …'''
//   [params]
//   name = { type = "string", default = "enlarge" }
//
// {{name}} stands for the value as TOML writes it, a text with its quotes.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "model/pipeline.hpp"

namespace weft {

struct PipelineTemplate {
  std::string name;
  std::string description;
  std::string definition;                // TOML with {{…}} in it
  std::vector<InputDeclaration> params;  // as inputs of a definition are declared
};

// All mistakes together, kind `invalid`: also a {{…}} that no param stands for, and a param that
// the definition does not use.
result<PipelineTemplate> read_template(std::string_view text, const std::string& file,
                                       std::string name);

// A definition in TOML. `given` as a person wrote it: a text as it stands where the param is one,
// else JSON. Kind `invalid` names together all params that are missing, unknown or wrong.
result<std::string> fill_template(const PipelineTemplate& pipeline_template,
                                  const std::map<std::string, std::string>& given);

}  // namespace weft
