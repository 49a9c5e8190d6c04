// SPDX-License-Identifier: Apache-2.0
#include "pages.hpp"

#include <regex>
#include <sstream>

#include "model/state.hpp"

namespace weft::tidy {

std::set<std::string> event_types_written(const std::vector<SourceFile>& sources) {
  static const std::regex written(
      R"re((?:write(?:_run)?_event\(\s*\w+,\s*|event\.type\s*=\s*)"([a-z.]+)")re");
  std::set<std::string> types;
  for (const SourceFile& source : sources)
    for (std::sregex_iterator match(source.text.begin(), source.text.end(), written), end;
         match != end; ++match) {
      const std::string type = (*match)[1];
      if (type != "run.") {
        types.insert(type);
        continue;
      }
      for (const RunState state :
           {RunState::succeeded, RunState::degraded, RunState::failed, RunState::cancelled})
        types.insert(type + std::string(to_string(state)));
    }
  return types;
}

std::set<std::string> first_column(const std::string& page, const std::string& column) {
  std::set<std::string> names;
  std::istringstream lines(page);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| " + column + " |")) inside = true;
    if (!line.starts_with("|")) inside = false;
    if (!inside || !line.starts_with("| `")) continue;
    names.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

std::string first_block(const std::string& page, const std::string& language) {
  const std::string fence = "\n```" + language + "\n";
  const auto begin = page.find(fence);
  if (begin == page.npos) return {};
  const auto end = page.find("\n```\n", begin + fence.size() - 1);
  return page.substr(begin + fence.size(), end + 1 - begin - fence.size());
}

}  // namespace weft::tidy
