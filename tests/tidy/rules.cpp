// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "code_text.hpp"

namespace weft::tidy {
namespace {

// What each folder may include beside itself; lower ones first. `weft` is the embedding interface.
const std::map<std::string, std::set<std::string>> allowed_includes{
    {"base", {"weft"}},
    {"expr", {"base"}},
    {"model", {"base", "expr"}},
    {"plan", {"base", "expr", "model"}},
    {"route", {"base", "expr", "model"}},
    {"engine", {"base", "expr", "model", "route"}},
    {"observe", {"base"}},
    {"store", {"base", "expr", "model", "observe"}},
    {"artifact", {"base", "observe"}},
    {"net", {"base", "observe"}},
    {"plugin", {"base", "expr", "model", "net", "artifact", "observe", "weft"}},
    {"gateway", {"base", "observe", "net", "weft"}},
    {"shell",
     {"base", "expr", "model", "plan", "route", "engine", "observe", "store", "artifact", "net",
      "plugin", "weft"}},
};

std::string at(const SourceFile& file, int line, const std::string& message) {
  return file.path + ":" + std::to_string(line) + ": " + message;
}

// Calls found(line, folder, rest) for each `#include "folder/rest"`, in quotes or angles.
template <class Found>
void for_each_include(const SourceFile& file, const Found& found) {
  static const std::regex include(R"(^\s*#\s*include\s*["<]([a-z_]+)/([^">]*)[">])");
  std::istringstream lines(file.text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number)
    if (std::smatch match; std::regex_search(line, match, include))
      found(number, match[1].str(), match[2].str());
}

template <class Found>
void for_each_match(const std::string& text, const std::regex& pattern, const Found& found) {
  for (std::sregex_iterator match(text.begin(), text.end(), pattern), end; match != end; ++match)
    found(line_of(text, static_cast<std::size_t>(match->position())), match->str());
}

// Does the capture list, without its brackets, hold anything that has a destructor to run twice?
bool owns(const std::string& captures) {
  std::istringstream list(captures);
  for (std::string entry; std::getline(list, entry, ',');) {
    const auto begin = entry.find_first_not_of(" \n");
    if (begin != entry.npos && entry[begin] != '&' && entry.substr(begin, 4) != "this") return true;
  }
  return false;
}

char before(const std::string& code, std::size_t offset) {
  while (offset > 0 && std::isspace(static_cast<unsigned char>(code[offset - 1]))) --offset;
  return offset == 0 ? '\0' : code[offset - 1];
}

// The dangerous temporaries of one co_await expression, which begins at `begin`.
Findings temporaries_of(const SourceFile& file, const std::string& code, std::size_t begin) {
  Findings findings;
  int depth = 0;
  for (std::size_t i = begin; i < code.size() && depth >= 0; ++i) {
    const char c = code[i];
    if (c == ';' && depth == 0) break;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    const char last = before(code, i);
    if (c == '[' && (last == '(' || last == ',')) {  // a lambda
      const std::size_t end = closing(code, i);
      if (owns(code.substr(i + 1, end - i - 1)))
        findings.push_back(at(file, line_of(code, i), "name this lambda before the co_await"));
      i = closing(code, std::min(code.find('{', end), code.size()));
    } else if (c == '{' && depth > 0) {
      findings.push_back(at(file, line_of(code, i), "name this aggregate before the co_await"));
      i = closing(code, i);
    }
  }
  return findings;
}

}  // namespace

Findings layering(const SourceFile& file) {
  constexpr std::string_view top = "runtime/src/";
  if (!file.path.starts_with(top)) return {};
  const std::string layer =
      file.path.substr(top.size(), file.path.find('/', top.size()) - top.size());
  const auto allowed = allowed_includes.find(layer);
  if (allowed == allowed_includes.end()) return {file.path + ": no layer '" + layer + "' is known"};
  Findings findings;
  for_each_include(file, [&](int line, const std::string& folder, const std::string&) {
    const bool known = allowed_includes.contains(folder);  // else a library's
    if (known && folder != layer && !allowed->second.contains(folder))
      findings.push_back(at(file, line, layer + " must not include " + folder));
  });
  return findings;
}

Findings borders(const SourceFile& file) {
  const bool outside = file.path.starts_with("sdk/") || file.path.starts_with("plugins/");
  const bool program = file.path.starts_with("tools/weft/");
  if (!outside && !program) return {};
  Findings findings;
  for_each_include(file, [&](int line, const std::string& folder, const std::string& header) {
    const bool inside = allowed_includes.contains(folder) && !(program && folder == "base");
    if (inside ||
        (outside && folder == "weft" && (header == "runtime.hpp" || header == "result.hpp")))
      findings.push_back(at(file, line, "must not include " + folder + "/" + header));
  });
  return findings;
}

Findings licence(const SourceFile& file) {
  const auto place = file.text.find("SPDX-License-Identifier: Apache-2.0");
  if (place != std::string::npos && line_of(file.text, place) <= 2) return {};  // after a "#!"
  return {file.path + ": its first line does not name the licence"};
}

Findings coroutine_temporaries(const SourceFile& file) {
  static const std::regex await(R"(\bco_await\b)");
  const std::string code = code_of(file.text);
  Findings findings;
  for (std::sregex_iterator match(code.begin(), code.end(), await), end; match != end; ++match) {
    const auto more =
        temporaries_of(file, code, static_cast<std::size_t>(match->position() + match->length()));
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return findings;
}

Findings words(const SourceFile& file) {
  // Written apart, so that this file passes its own test.
  static const std::regex forbidden(
      "\\bTO"
      "DO\\b|\\bFIX"
      "ME\\b|\\bX"
      "XX\\b|\\bHA"
      "CK\\b|[\\s\"'(=]/(wo"
      "rk|ro"
      "ot)/");
  Findings findings;
  for_each_match(file.text, forbidden, [&](int line, const std::string& word) {
    findings.push_back(at(file, line, "'" + word + "'"));
  });
  return findings;
}

Findings long_functions(const SourceFile& file, int lines_at_most) {
  Findings findings;
  for (const FunctionText& function : functions_of(code_of(file.text)))
    if (function.lines > lines_at_most)
      findings.push_back(
          at(file, function.line, "a function of " + std::to_string(function.lines) + " lines"));
  return findings;
}

Findings long_files(const SourceFile& file, int lines_at_most) {
  const auto lines = std::count(file.text.begin(), file.text.end(), '\n');
  if (lines <= lines_at_most) return {};
  return {file.path + ": " + std::to_string(lines) + " lines"};
}

Findings suppressions(const SourceFile& file) {
  static const std::regex mark(
      "//.*NO"
      "LINT");
  Findings findings;
  for_each_match(file.text, mark, [&](int line, const std::string& comment) {
    findings.push_back(at(file, line, comment));
  });
  return findings;
}

}  // namespace weft::tidy
