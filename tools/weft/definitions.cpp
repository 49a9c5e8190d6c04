// SPDX-License-Identifier: Apache-2.0
#include "definitions.hpp"

#include <filesystem>

#include "inputs.hpp"

namespace weft::cli {

bool names_version(const std::string& written) {
  std::error_code problem;
  return !std::filesystem::exists(written, problem) && written.find('/') == std::string::npos &&
         !written.ends_with(".toml") && !written.ends_with(".json");
}

result<> look_for(const std::string& written) {
  if (names_version(written)) return {};
  if (auto text = read_text(written); !text) return text.error();
  return {};
}

result<DefinitionView> find_definition(Runtime& runtime, const std::string& written) {
  if (names_version(written)) {
    auto version = runtime.pipeline(written);
    if (!version) {
      Error error = version.error();
      if (error.kind == ErrorKind::not_found) error.message += ", and there is no such file";
      return error;
    }
    return std::move(version->meaning);
  }
  auto text = read_text(written);
  if (!text) return text.error();
  return DefinitionView{std::move(*text), written};
}

}  // namespace weft::cli
