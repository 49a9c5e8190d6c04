// SPDX-License-Identifier: Apache-2.0
#include "pages.hpp"

#include <algorithm>

#include "catch.hpp"

using namespace weft::tidy;

namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = read_tree(WEFT_SOURCE_TREE);
  return files;
}

std::string text_of(const std::string& path) {
  const auto file = std::find_if(tree().begin(), tree().end(),
                                 [&](const SourceFile& one) { return one.path == path; });
  REQUIRE(file != tree().end());
  return file->text;
}

std::vector<SourceFile> runtime_sources() {
  std::vector<SourceFile> sources;
  for (const SourceFile& file : tree())
    if (file.path.starts_with("runtime/src/")) sources.push_back(file);
  return sources;
}

}  // namespace

TEST_CASE("the table of events lists every type that is written, and no other") {
  const auto written = event_types_written(runtime_sources());
  CHECK(written.size() > 10);
  CHECK(first_column(text_of("runtime/README.md"), "type") == written);
}

TEST_CASE("the embedding page shows the program that is built") {
  const std::string program = text_of("runtime/examples/embed/main.cpp");
  CHECK(first_block(text_of("runtime/README.md"), "cpp") == program);
  CHECK(std::count(program.begin(), program.end(), '\n') <= 40);
}

TEST_CASE("event types are found where they are written") {
  CHECK(event_types_written({{"a.cpp", "write_event(run, \"task.begun\", no, {});"}}) ==
        std::set<std::string>{"task.begun"});
  CHECK(event_types_written({{"a.cpp", "event.type = \"run.lost\";"}}) ==
        std::set<std::string>{"run.lost"});
  CHECK(event_types_written({{"a.cpp", "return \"run.lost\";"}}) ==
        std::set<std::string>{"run.lost"});
  CHECK(event_types_written({{"a.cpp", "if (event.type == \"run.lost\") return;"}}).empty());
}

TEST_CASE("a table and a block are read from a page") {
  const std::string page =
      "x\n\n| type | when |\n|---|---|\n| `a.b` | `c` |\n\n| `d` | |\n```cpp\nint x;\n```\n";
  CHECK(first_column(page, "type") == std::set<std::string>{"a.b"});
  CHECK(first_column(page, "key").empty());
  CHECK(first_block(page, "cpp") == "int x;\n");
  CHECK(first_block(page, "toml").empty());
}
