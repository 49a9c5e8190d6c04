// SPDX-License-Identifier: Apache-2.0
#include "pages.hpp"

#include <regex>
#include <sstream>

namespace weft::tidy {

std::set<std::string> event_types_written(const std::vector<SourceFile>& sources) {
  static const std::regex written(
      R"re((?:write(?:_run)?_event\(\s*\w+,\s*|event\.type\s*=\s*|return (?="run\.))"([a-z.]+)")re");
  std::set<std::string> types;
  for (const SourceFile& source : sources)
    for (std::sregex_iterator match(source.text.begin(), source.text.end(), written), end;
         match != end; ++match)
      types.insert((*match)[1]);
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
