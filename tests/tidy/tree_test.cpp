// SPDX-License-Identifier: Apache-2.0
// This tree, held to its rules.
#include "tree.hpp"

#include <toml++/toml.h>

#include <algorithm>

#include "catch.hpp"
#include "rules.hpp"

using namespace weft::tidy;

namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = read_tree(WEFT_SOURCE_TREE);
  return files;
}

// What a rule finds in all files for which it is meant.
template <class Meant, class Rule>
Findings find(const Meant& meant, const Rule& rule) {
  Findings all;
  for (const SourceFile& file : tree())
    if (meant(file.path))
      for (std::string& finding : rule(file)) all.push_back(std::move(finding));
  return all;
}

std::string lines_of(const Findings& findings) {
  std::string text;
  for (const std::string& finding : findings) text += finding + "\n";
  return text;
}

void check_none(const Findings& findings) {
  INFO(lines_of(findings));
  CHECK(findings.empty());
}

// As many as ratchets.toml says: more is a step back, fewer has to be written down.
void check_ratchet(const std::string& name, const Findings& findings) {
  const auto ratchets = toml::parse_file(WEFT_SOURCE_TREE "/tests/tidy/ratchets.toml");
  INFO(lines_of(findings) << "tests/tidy/ratchets.toml: " << name);
  CHECK(static_cast<std::int64_t>(findings.size()) == ratchets[name].value<std::int64_t>());
}

bool is_source(const std::string& path) {
  return is_code(path) || is_script(path);
}

}  // namespace

TEST_CASE("the tree is read: every top folder has files in it") {
  CHECK(tree().size() > 300);
  for (const char* folder : {"runtime", "sdk", "plugins", "configs", "tools", "tests"}) {
    CAPTURE(folder);
    CHECK_FALSE(
        find([&](const std::string& path) { return path == std::string(folder) + "/README.md"; },
             [](const SourceFile& file) { return Findings{file.path}; })
            .empty());
  }
}

TEST_CASE("a folder of the runtime includes only what stands below it") {
  check_none(find(is_code, layering));
}

TEST_CASE("the sdk, the plugins and the command line stay outside of the runtime") {
  check_none(find(is_code, borders));
}

TEST_CASE("every source names its licence") {
  check_none(find(is_source, licence));
}

TEST_CASE("no coroutine has temporaries that g++ 12 destroys twice") {
  check_none(find(is_code, coroutine_temporaries));
}

TEST_CASE("no text promises later work or tells of another place") {
  check_none(find([](const std::string& path) { return !path.starts_with("tests/data/"); }, words));
}

TEST_CASE("long functions get fewer") {
  check_ratchet("functions_over_70_lines",
                find(is_code, [](const SourceFile& file) { return long_functions(file, 70); }));
}

TEST_CASE("long files get fewer") {
  check_ratchet("files_over_400_lines",
                find(is_code, [](const SourceFile& file) { return long_files(file, 400); }));
}

TEST_CASE("suppressed warnings get fewer") {
  check_ratchet("suppressions", find(is_code, suppressions));
}

TEST_CASE("the README of a top folder fits on a screen") {
  const auto is_page = [](const std::string& path) {
    return path.ends_with("/README.md") && std::count(path.begin(), path.end(), '/') == 1;
  };
  check_ratchet("pages_over_60_lines",
                find(is_page, [](const SourceFile& file) { return long_files(file, 60); }));
}
